-- How many log records each span of a trace has.
SELECT reinterpretAsUInt64(reverse(unhex(SpanId))) AS id, count() AS logs
FROM otel_logs
WHERE TraceId = {trace_id:String} AND SpanId != ''
GROUP BY SpanId
LIMIT {limit:UInt32}
SETTINGS max_threads = 1
