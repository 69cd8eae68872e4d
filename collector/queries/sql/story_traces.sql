-- The spans of some traces, as far as their ancestry needs them.
SELECT
    TraceId AS trace_id, SpanId AS span_id, ParentSpanId AS parent_id, ServiceName AS service, SpanName AS name, SpanKind AS kind,
    StatusCode = 'Error' AS is_error, ResourceAttributes['service.instance.id'] AS instance
FROM otel_traces
WHERE TraceId IN {ids:Array(String)}
  AND toStartOfMinute(Timestamp) >= {from_minute:DateTime} AND toStartOfMinute(Timestamp) <= {to_minute:DateTime}
LIMIT 1 BY TraceId, SpanId, ServiceName
LIMIT 50000
