-- Moments at which a version may have been deployed, the earliest first: nobody said it in these minutes, an instance said another
-- one before, or an instance is new (one without a name: may be) and nobody had said it for `quiet_s` seconds.
SELECT
    service, environment, version, on_instance, in_service, quiet_s,
    toUnixTimestamp64Nano(FirstSeen) AS at_ns, toUnixTimestamp64Nano(said_before) AS before_ns
FROM (
    SELECT
        ServiceName AS service, Environment AS environment, ServiceVersion AS version, FirstSeen,
        if(ServiceInstanceId = '', 600, 60) AS quiet_s,
        if(ServiceInstanceId = '', '', lagInFrame(version, 1, '') OVER (
            PARTITION BY service, environment, ServiceInstanceId ORDER BY FirstSeen ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        )) AS on_instance,
        lagInFrame(version, 1, '') OVER (
            PARTITION BY service, environment ORDER BY FirstSeen ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS in_service,
        max(LastSeen) OVER (
            PARTITION BY service, environment, version ORDER BY FirstSeen ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS said_before
    FROM service_instances_1m
    WHERE Minute >= {from_minute:DateTime} AND Minute <= {to_minute:DateTime} AND ServiceVersion != ''
)
WHERE before_ns = 0 OR on_instance NOT IN ('', version) OR (on_instance = '' AND at_ns > before_ns + quiet_s * 1000000000)
ORDER BY at_ns
