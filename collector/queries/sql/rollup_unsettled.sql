-- Minutes that were last rolled up before all their calls were settled.
SELECT Minute, max(Key) AS UntilNs FROM unpaired_calls
WHERE Missing = 'time' AND (Minute, Version) IN (SELECT Minute, max(Version) FROM rolled_up_minutes GROUP BY Minute)
GROUP BY Minute
