-- What is rolled up of the minutes asked for: minutes, and stretches that begin with one of them, with their versions.
SELECT 60 AS seconds, toUnixTimestamp(Minute) AS start_s, max(Version) AS version FROM rolled_up_minutes
WHERE Minute >= {from_minute:DateTime} AND Minute <= {to_minute:DateTime}
GROUP BY Minute
UNION ALL
SELECT Seconds, toUnixTimestamp(Start), max(Version) FROM rolled_up_stretches
WHERE Start >= {from_minute:DateTime} AND Start <= {to_minute:DateTime} AND Seconds < {within:UInt16}
GROUP BY Seconds, Start
