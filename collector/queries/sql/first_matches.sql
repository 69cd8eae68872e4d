-- The first span of each given trace in [from_ns, to_ns) that meets the condition.
SELECT TraceId, min(toUnixTimestamp64Nano(Timestamp)) AS first_ns
FROM otel_traces
WHERE TraceId IN {ids:Array(String)} AND substring(TraceId, 31, 2) IN {digits:Array(String)}
  AND Timestamp >= fromUnixTimestamp64Nano({from_ns:Int64}) AND Timestamp < fromUnixTimestamp64Nano({to_ns:Int64}) AND ($condition)
GROUP BY TraceId
