-- Faults that a demo or a test injected, as their log records tell.
SELECT toUnixTimestamp64Nano(Timestamp) AS at_ns, ServiceName AS service, EventName AS event, TraceId AS trace_id,
    $environment AS environment, ResourceAttributes['service.namespace'] AS namespace, ResourceAttributes['service.instance.id'] AS instance,
    LogAttributes['fault.kind'] AS fault, LogAttributes['fault.detail'] AS detail, LogAttributes['fault.duration_s'] AS duration_s
FROM otel_logs
WHERE Timestamp >= fromUnixTimestamp64Nano({start_ns:Int64}) AND Timestamp < fromUnixTimestamp64Nano({end_ns:Int64})
  AND EventName IN ('fault.injected', 'fault.reverted')
ORDER BY at_ns DESC
LIMIT {limit:UInt32}
