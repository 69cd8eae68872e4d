-- Newest first: a live map wants the present.
SELECT Minute, groupUniqArray(Mark) AS Marks
FROM (SELECT Minute, Mark FROM dirty_minutes GROUP BY Minute, Mark HAVING sum(Sign) > 0)
GROUP BY Minute
ORDER BY Minute DESC
