-- Traces with a matching span among the rows that arrived: the newest, and how many there are in all.
SELECT TraceId, max(toUnixTimestamp64Nano(Timestamp)) AS last_ns, count() OVER () AS matched
FROM otel_traces
WHERE Timestamp >= fromUnixTimestamp64Nano({start_ns:Int64}) AND $arrived AND ($condition)
GROUP BY TraceId
ORDER BY last_ns DESC, TraceId DESC
LIMIT {limit:UInt32}
