-- Calls through one breaker in each instance, in steps.
SELECT
    instance, toUnixTimestamp(toStartOfInterval(Minute, toIntervalSecond({step_s:UInt32}))) AS start_s,
    sum(row.1) AS ok, sum(row.2) AS failed, sum(row.3) AS slow, sum(row.4) AS rejected
FROM (
    SELECT Minute, Instance AS instance, argMax((Ok, Failed, Slow, Rejected), Version) AS row
    FROM breaker_calls_1m
    WHERE BreakerId = {id:String} AND Minute >= {from_minute:DateTime} AND Minute <= {to_minute:DateTime}
    GROUP BY Minute, instance
)
GROUP BY instance, start_s
ORDER BY instance, start_s
