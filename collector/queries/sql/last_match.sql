-- The latest span of each given trace, from from_ns on, that meets the condition.
SELECT TraceId, max(toUnixTimestamp64Nano(Timestamp)) AS last_ns
FROM otel_traces
WHERE TraceId IN {ids:Array(String)} AND Timestamp >= fromUnixTimestamp64Nano({from_ns:Int64})
  AND Timestamp < fromUnixTimestamp64Nano({to_ns:Int64}) AND ($condition)
GROUP BY TraceId
