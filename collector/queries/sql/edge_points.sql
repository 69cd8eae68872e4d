-- Calls from one service to another, in steps.
SELECT toUnixTimestamp(toStartOfInterval(Minute, toIntervalSecond({step_s:UInt32}))) AS start_s,
$red
FROM $edges AS edges
WHERE Source = {source:String} AND SourceKind = 'service' AND Target = {target:String}
GROUP BY start_s
ORDER BY start_s
