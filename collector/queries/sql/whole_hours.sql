-- Hours that lie within the range and are up to date for their minutes.
SELECT toStartOfHour(Minute) AS Hour, max(Version) AS Newest FROM rolled_up_minutes
WHERE Minute >= {from_minute:DateTime} AND Minute <= {to_minute:DateTime}
GROUP BY Hour
HAVING Hour >= {from_minute:DateTime} AND Hour + 3540 <= {to_minute:DateTime} AND (Hour, Newest) IN (
    SELECT Hour, max(Version) FROM rolled_up_hours
    WHERE Hour >= {from_minute:DateTime} AND Hour <= {to_minute:DateTime}
    GROUP BY Hour)
