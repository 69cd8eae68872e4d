SELECT
    TraceId AS trace_id,
    argMin((ServiceName, SpanName), (ParentSpanId != '', Timestamp)) AS root,
    min(toUnixTimestamp64Nano(Timestamp)) AS start_ns,
    max(toUnixTimestamp64Nano(Timestamp) + Duration) - start_ns AS duration_ns,
    count() AS span_count,
    countIf(is_error) AS error_count,
    sumMap([ServiceName::String], [toUInt64(1)]) AS spans_by_service,
    sumMap([ServiceName::String], [toUInt64(is_error)]) AS errors_by_service
FROM (
    SELECT TraceId, ServiceName, SpanName, ParentSpanId, Timestamp, Duration, StatusCode = 'Error' AND NOT IsRejected AS is_error
    FROM $spans
    WHERE TraceId IN {ids:Array(String)}
    LIMIT 1 BY TraceId, SpanId, ServiceName
)
GROUP BY TraceId
