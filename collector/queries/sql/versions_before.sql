-- The versions that services had before a minute.
SELECT
    ServiceName AS service, Environment AS environment, ServiceVersion AS version,
    toUnixTimestamp64Nano(min(FirstSeen)) AS first_ns, toUnixTimestamp64Nano(max(LastSeen)) AS last_ns
FROM service_instances_1m
WHERE Minute < {from_minute:DateTime} AND ServiceVersion != ''
GROUP BY service, environment, version
