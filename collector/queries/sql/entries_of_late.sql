-- What each service was asked, from {from_minute} on (is_late) and before: in all environments ('') and in each.
SELECT name, arrayJoin(arrayDistinct(['', Environment])) AS environment, is_late,
$red
FROM (
    SELECT ServiceName AS name, Environment, Begin >= {from_minute:DateTime} AS is_late,
        sum(Calls) AS Calls, sum(Errors) AS Errors, sum(Rejected) AS Rejected,
        quantilesDDMergeState(0.01, 0.5, 0.95, 0.99)(DurationSketch) AS DurationSketch
    FROM $services AS services
    GROUP BY name, Environment, is_late
)
GROUP BY name, environment, is_late
SETTINGS max_threads = 1 -- as in service_entries.sql
