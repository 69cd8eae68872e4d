-- What each service was asked, from {from_minute} on (is_late) and before.
SELECT ServiceName AS name, Begin >= {from_minute:DateTime} AS is_late,
$red
FROM $services AS services
GROUP BY name, is_late
SETTINGS max_threads = 1 -- as in service_entries.sql
