-- Services that sent logs or metrics, and what. That a fault was injected into something is no signal of that thing's own.
SELECT service, groupUniqArray(signal) AS signals
FROM (
    SELECT DISTINCT ServiceName AS service, 'logs' AS signal FROM otel_logs
    WHERE Timestamp >= fromUnixTimestamp64Nano({start_ns:Int64}) AND Timestamp < fromUnixTimestamp64Nano({end_ns:Int64})
      AND $EventName NOT IN ('fault.injected', 'fault.reverted')
    UNION ALL
    SELECT DISTINCT ServiceName, 'metrics' FROM otel_metrics_gauge
    WHERE TimeUnix >= fromUnixTimestamp64Nano({start_ns:Int64}) AND TimeUnix < fromUnixTimestamp64Nano({end_ns:Int64})
    UNION ALL
    SELECT DISTINCT ServiceName, 'metrics' FROM otel_metrics_sum
    WHERE TimeUnix >= fromUnixTimestamp64Nano({start_ns:Int64}) AND TimeUnix < fromUnixTimestamp64Nano({end_ns:Int64})
    UNION ALL
    SELECT DISTINCT ServiceName, 'metrics' FROM otel_metrics_histogram
    WHERE TimeUnix >= fromUnixTimestamp64Nano({start_ns:Int64}) AND TimeUnix < fromUnixTimestamp64Nano({end_ns:Int64})
)
GROUP BY service
ORDER BY service
LIMIT 1000
