-- Traces with a span in the range that meets the condition, by a measure of all their spans within a minute of the range.
SELECT TraceId, toInt64($measure) AS measure
FROM (
    SELECT TraceId, Timestamp, Duration, StatusCode = 'Error' AND NOT IsRejected AS is_error
    FROM $spans
    WHERE Timestamp >= fromUnixTimestamp64Nano({start_ns:Int64} - 60000000000) AND Timestamp < fromUnixTimestamp64Nano({end_ns:Int64} + 60000000000)
        AND $of_matching
)
GROUP BY TraceId
HAVING countIf($in_range) > 0 AND (measure, TraceId) < ({before:Int64}, {before_id:String})
ORDER BY measure DESC, TraceId DESC
LIMIT {limit:UInt32}
