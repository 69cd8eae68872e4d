-- When each instance was last seen to send spans from each environment.
SELECT ServiceName AS service, ServiceInstanceId AS instance, Environment AS environment,
    groupUniqArray(ServiceNamespace) AS namespaces, toUnixTimestamp64Nano(max(LastSeen)) AS seen_ns
FROM service_instances_1m
WHERE Minute >= {from_minute:DateTime} AND Minute <= {to_minute:DateTime} AND LastSeen <= fromUnixTimestamp64Nano({at_ns:Int64})
GROUP BY service, instance, environment
