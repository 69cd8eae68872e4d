-- Of the minutes in hand those whose version is even: their next one is odd.
SELECT Minute FROM rolled_up_minutes WHERE Minute IN {minutes:Array(DateTime)} GROUP BY Minute HAVING max(Version) % 2 = 0
