-- Minutes whose edges were computed before it was known that they need spans of the minutes in hand.
SELECT DISTINCT Minute FROM scattered_calls
INNER JOIN (SELECT Minute, max(Version) AS Newest FROM rolled_up_minutes GROUP BY Minute) AS closed USING Minute
WHERE Elsewhere IN {minutes:Array(DateTime)} AND Minute NOT IN {minutes:Array(DateTime)} AND Version > Newest
