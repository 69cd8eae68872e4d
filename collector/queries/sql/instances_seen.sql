-- When each instance was last seen to send spans.
SELECT ServiceName AS service, ServiceInstanceId AS instance, toUnixTimestamp64Nano(max(LastSeen)) AS seen_ns
FROM service_instances_1m
WHERE Minute >= {from_minute:DateTime} AND Minute <= {to_minute:DateTime} AND LastSeen <= fromUnixTimestamp64Nano({at_ns:Int64})
GROUP BY service, instance
