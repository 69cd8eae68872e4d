SELECT toUnixTimestamp(toStartOfInterval(Minute, toIntervalSecond({step_s:UInt32}))) AS start_s,
$red
FROM $services AS services
WHERE ServiceName = {service:String} AND $of_environment
GROUP BY start_s
ORDER BY start_s
