-- Other traces of an operation, the latest first: those that begin with it, or where its caller is not known either.
SELECT TraceId AS trace_id
FROM $spans AS spans
WHERE Timestamp >= fromUnixTimestamp64Nano({start_ns:Int64}) AND Timestamp < fromUnixTimestamp64Nano({end_ns:Int64})
  AND ServiceName = {service:String} AND SpanName = {operation:String} AND (ParentSpanId = '') = {is_root:UInt8}
  AND TraceId != {trace_id:String}
ORDER BY Timestamp DESC, TraceId
LIMIT 1 BY TraceId
LIMIT {limit:UInt32}
