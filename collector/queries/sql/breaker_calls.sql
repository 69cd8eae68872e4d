-- Calls through each breaker of each instance in the minutes asked for.
SELECT id, instance, sum(row.1) AS ok, sum(row.2) AS failed, sum(row.3) AS slow, sum(row.4) AS rejected
FROM (
    SELECT BreakerId AS id, Instance AS instance, argMax((Ok, Failed, Slow, Rejected), Version) AS row
    FROM breaker_calls_1m
    WHERE Minute >= {from_minute:DateTime} AND Minute <= {to_minute:DateTime}
      AND (empty({ids:Array(String)}) OR BreakerId IN {ids:Array(String)})
    GROUP BY Minute, id, instance
)
GROUP BY id, instance
