-- Moments at which a version may have been deployed, the earliest first: nobody said it in these minutes, an instance said another
-- one before, or an instance is new (one without a name: may be) and nobody had said it for `quiet_s` seconds.
-- An instance that said two in a minute has a row of each: where it was back at the first within it, it left the other then.
WITH on_instance NOT IN ('', version) AS turned
SELECT
    service, environment, version, on_instance, in_service, quiet_s,
    toUnixTimestamp64Nano(if(turned AND said_before > left_at, left_at, FirstSeen)) AS at_ns,
    toUnixTimestamp64Nano(said_before) AS before_ns
FROM (
    SELECT
        ServiceName AS service, Environment AS environment, ServiceVersion AS version, FirstSeen,
        if(ServiceInstanceId = '', 600, 60) AS quiet_s,
        if(ServiceInstanceId = '', '', lagInFrame(version, 1, '') OVER on_it) AS on_instance,
        lagInFrame(LastSeen) OVER on_it AS left_at,
        lagInFrame(version, 1, '') OVER in_it AS in_service,
        max(LastSeen) OVER (
            PARTITION BY service, environment, version ORDER BY FirstSeen ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS said_before
    FROM service_instances_1m
    WHERE Minute >= {from_minute:DateTime} AND Minute <= {to_minute:DateTime} AND ServiceVersion != ''
    WINDOW
        on_it AS (
            PARTITION BY service, environment, ServiceInstanceId ORDER BY FirstSeen ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ),
        in_it AS (PARTITION BY service, environment ORDER BY FirstSeen ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
)
WHERE before_ns = 0 OR turned OR (on_instance = '' AND at_ns > before_ns + quiet_s * 1000000000)
ORDER BY at_ns
