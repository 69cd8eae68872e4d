-- By which names or addresses a service calls another: the peers of client spans that spans of the other answer.
SELECT DISTINCT Peer AS peer FROM otel_traces
WHERE ServiceName = {service:String} AND SpanKind IN ('Client', 'Producer') AND Peer != ''
  AND Timestamp >= fromUnixTimestamp64Nano({start_ns:Int64}) AND Timestamp < fromUnixTimestamp64Nano({end_ns:Int64})
  AND (TraceId, SpanId) IN (
      SELECT TraceId, ParentSpanId FROM otel_traces
      WHERE ServiceName = {target:String} AND SpanKind IN ('Server', 'Consumer')
        AND Timestamp >= fromUnixTimestamp64Nano({start_ns:Int64}) AND Timestamp < fromUnixTimestamp64Nano({end_ns:Int64})
      LIMIT 1000)
LIMIT 100
