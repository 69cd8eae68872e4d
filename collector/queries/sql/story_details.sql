-- What calls that failed, were slow or were refused say of it. Attributes of all calls would take twice as long as all else.
SELECT
    TraceId AS trace_id, SpanId AS span_id, SpanName AS name, StatusMessage AS status_message,
    if(SpanAttributes['error.type'] = '', arrayFirst(one -> mapContains(one, 'exception.type'), `Events.Attributes`)['exception.type'],
       SpanAttributes['error.type']) AS error_type
FROM otel_traces
PREWHERE TraceId IN {traces:Array(String)} AND SpanId IN {spans:Array(String)}
WHERE toStartOfMinute(Timestamp) >= {from_minute:DateTime} AND toStartOfMinute(Timestamp) <= {to_minute:DateTime}
LIMIT 1 BY TraceId, SpanId
