-- Calls that failed, were slow ({slow_ns}, 0 where that is not known) or were refused: the latest before the opening, then
-- the first after it.
SELECT
    TraceId AS trace_id, SpanId AS span_id, SpanName AS name, toUnixTimestamp64Nano(Timestamp) AS start_ns, toUInt64(Duration) AS duration_ns,
    StatusMessage AS status_message, IsRejected AS is_rejected, StatusCode = 'Error' AS is_error,
    ResourceAttributes['service.instance.id'] AS instance,
    if(SpanAttributes['error.type'] = '', arrayFirst(one -> mapContains(one, 'exception.type'), `Events.Attributes`)['exception.type'],
       SpanAttributes['error.type']) AS error_type
FROM otel_traces
WHERE $of_calls AND (StatusCode = 'Error' OR ({slow_ns:UInt64} > 0 AND Duration > {slow_ns:UInt64}))
ORDER BY abs(toUnixTimestamp64Nano(Timestamp) - {opened_ns:Int64})
LIMIT 1 BY TraceId, SpanId
LIMIT 2000
