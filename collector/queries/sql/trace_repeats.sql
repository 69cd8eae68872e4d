-- Spans of a trace that were stored more than once.
SELECT reinterpretAsUInt64(reverse(unhex(SpanId))) AS id, ServiceName AS service, count() AS copies
FROM $spans AS spans
WHERE TraceId = {trace_id:String} AND substring(TraceId, 31, 2) = substring({trace_id:String}, 31, 2)
GROUP BY SpanId, ServiceName
HAVING copies > 1
LIMIT {limit:UInt32}
