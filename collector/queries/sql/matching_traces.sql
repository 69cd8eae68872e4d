-- Traces with a span in [from_ns, to_ns) that meets the condition, by the first such span, newest first.
SELECT TraceId, min(toUnixTimestamp64Nano(Timestamp)) AS first_ns
FROM otel_traces
WHERE Timestamp >= fromUnixTimestamp64Nano({from_ns:Int64}) AND Timestamp < fromUnixTimestamp64Nano({to_ns:Int64}) AND ($condition)
GROUP BY TraceId
HAVING (first_ns, TraceId) < ({before_ns:Int64}, {before_id:String})
ORDER BY first_ns DESC, TraceId DESC
LIMIT {limit:UInt32}
