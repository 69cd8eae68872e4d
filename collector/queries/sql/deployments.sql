-- Versions by the time that they were first seen; the first version of a service is no deployment.
SELECT service, version, first_ns, count() OVER (PARTITION BY service ORDER BY first_ns ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS earlier
FROM (
    SELECT ServiceName AS service, ServiceVersion AS version, toUnixTimestamp64Nano(min(LastSeen)) AS first_ns
    FROM service_instances_1m
    WHERE ServiceVersion != ''
    GROUP BY service, version
)
ORDER BY first_ns DESC
