-- What all services together were asked, by time.
SELECT toUnixTimestamp(toStartOfInterval(Minute, toIntervalSecond({step_s:UInt32}))) AS start_s,
$red
FROM $services AS services
WHERE $of_environment AND $is_named
GROUP BY start_s
ORDER BY start_s
