-- Stretches that are over and that are not added up as their minutes now are: the short first, of these the newest.
SELECT
    arrayJoin({lengths:Array(UInt16)}) AS seconds,
    intDiv(toUnixTimestamp(Minute), seconds) * seconds AS start_s,
    max(Version) AS newest
FROM rolled_up_minutes
GROUP BY seconds, start_s
HAVING start_s + seconds <= {now_s:Int64}
    AND (seconds, start_s, newest) NOT IN (
        SELECT Seconds, toUnixTimestamp(Start), max(Version) FROM rolled_up_stretches GROUP BY Seconds, Start)
ORDER BY seconds, start_s DESC
LIMIT {limit:UInt32}
