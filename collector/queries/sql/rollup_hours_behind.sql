-- Hours that are over and that are not added up as their minutes now are, newest first.
SELECT toStartOfHour(Minute) AS Hour, max(Version) AS Newest FROM rolled_up_minutes
GROUP BY Hour
HAVING Hour + 3600 <= {now:DateTime}
    AND (Hour, Newest) NOT IN (SELECT Hour, max(Version) FROM rolled_up_hours GROUP BY Hour)
ORDER BY Hour DESC
LIMIT {limit:UInt32}
