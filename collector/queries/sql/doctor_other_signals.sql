-- Services that sent logs or metrics, and what; of the {names} alone if any are given. That a fault was injected into something is no
-- signal of that thing's own.
SELECT service, environment, namespace, groupUniqArray(signal) AS signals
FROM (
    SELECT DISTINCT ServiceName AS service, $about, 'logs' AS signal FROM otel_logs
    WHERE Timestamp >= fromUnixTimestamp64Nano({start_ns:Int64}) AND Timestamp < fromUnixTimestamp64Nano({end_ns:Int64})
      AND $EventName NOT IN ('fault.injected', 'fault.reverted') AND (empty({names:Array(String)}) OR ServiceName IN {names:Array(String)})
    UNION ALL
    SELECT DISTINCT ServiceName, $about, 'metrics' FROM otel_metrics_gauge
    WHERE TimeUnix >= fromUnixTimestamp64Nano({start_ns:Int64}) AND TimeUnix < fromUnixTimestamp64Nano({end_ns:Int64})
      AND (empty({names:Array(String)}) OR ServiceName IN {names:Array(String)})
    UNION ALL
    SELECT DISTINCT ServiceName, $about, 'metrics' FROM otel_metrics_sum
    WHERE TimeUnix >= fromUnixTimestamp64Nano({start_ns:Int64}) AND TimeUnix < fromUnixTimestamp64Nano({end_ns:Int64})
      AND (empty({names:Array(String)}) OR ServiceName IN {names:Array(String)})
    UNION ALL
    SELECT DISTINCT ServiceName, $about, 'metrics' FROM otel_metrics_histogram
    WHERE TimeUnix >= fromUnixTimestamp64Nano({start_ns:Int64}) AND TimeUnix < fromUnixTimestamp64Nano({end_ns:Int64})
      AND (empty({names:Array(String)}) OR ServiceName IN {names:Array(String)})
)
GROUP BY service, environment, namespace
ORDER BY service, environment, namespace
LIMIT 1000
