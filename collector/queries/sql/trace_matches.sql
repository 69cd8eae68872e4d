-- Spans of a trace that meet a condition.
SELECT reinterpretAsUInt64(reverse(unhex(SpanId))) AS id, ServiceName AS service
FROM $spans AS spans
WHERE TraceId = {trace_id:String} AND substring(TraceId, 31, 2) = substring({trace_id:String}, 31, 2)
  AND ($condition)
LIMIT 1 BY SpanId, ServiceName
LIMIT {limit:UInt32}
