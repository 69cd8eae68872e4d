-- Calls through each breaker in each minute, over its instances, or by them.
SELECT id, instance, toUnixTimestamp(Minute) AS minute_s, sum(row.1) AS ok, sum(row.2) AS failed, sum(row.3) AS rejected
FROM (
    SELECT BreakerId AS id, $instance AS instance, Minute, argMax((Ok, Failed, Rejected), Version) AS row
    FROM breaker_calls_1m
    WHERE Minute >= {from_minute:DateTime} AND Minute <= {to_minute:DateTime}
      AND (empty({ids:Array(String)}) OR BreakerId IN {ids:Array(String)})
    GROUP BY Minute, id, Instance
)
GROUP BY id, instance, Minute
