-- Calls from and to the given ends, of which any may be left open (''), in steps.
SELECT toUnixTimestamp(toStartOfInterval(Minute, toIntervalSecond({step_s:UInt32}))) AS start_s,
$red
FROM $edges AS edges
WHERE ({source_kind:String} = '' OR (SourceKind = {source_kind:String} AND Source = {source:String}))
    AND ({target:String} = '' OR Target = {target:String})
    AND ({target_kind:String} = '' OR TargetKind = {target_kind:String})
    AND $at_an_end
GROUP BY start_s
ORDER BY start_s
