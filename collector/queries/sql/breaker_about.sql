-- A breaker as it was last known up to a moment.
SELECT
    argMax((Service, Namespace, Name, GroupName, Target, Settings), Version) AS about
FROM breaker_states_1m
WHERE BreakerId = {id:String} AND Minute >= {from_minute:DateTime} AND Minute <= {to_minute:DateTime}
GROUP BY BreakerId
