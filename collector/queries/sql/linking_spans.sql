-- Spans that link to a span, in a time range. Nothing indexes links, so what is not found in a second is left out.
SELECT TraceId AS trace_id, SpanId AS span_id, ServiceName AS service, SpanName AS name
FROM $spans AS spans
WHERE Timestamp >= fromUnixTimestamp64Nano({start_ns:Int64}) AND Timestamp < fromUnixTimestamp64Nano({end_ns:Int64})
  AND has(`Links.SpanId`, {span_id:String})
  AND arrayExists((trace_id, span_id) -> trace_id = {trace_id:String} AND span_id = {span_id:String}, `Links.TraceId`, `Links.SpanId`)
LIMIT 1 BY TraceId, SpanId, ServiceName
LIMIT {limit:UInt32}
SETTINGS max_execution_time = 1, timeout_overflow_mode = 'break'
