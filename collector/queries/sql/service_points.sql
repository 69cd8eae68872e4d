SELECT toUnixTimestamp(toStartOfInterval(Minute, toIntervalSecond({step_s:UInt32}))) AS start_s,
$red
FROM $operations AS operations
WHERE ServiceName = {service:String} AND IsEntry
GROUP BY start_s
ORDER BY start_s
