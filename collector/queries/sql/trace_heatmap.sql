-- Spans looked at, by time and the logarithm of their duration, with one of each cell: a failing one, else the longest.
SELECT
    intDiv(toUnixTimestamp64Nano(Timestamp) - {start_ns:Int64}, {step_ns:Int64}) AS column,
    toInt32(floor(log10(greatest(Duration, 1)) * {rows_per_decade:UInt8} + 1e-9)) AS row,
    count() AS spans,
    countIf(is_error) AS errors,
    argMax((TraceId, SpanId, toUnixTimestamp64Nano(Timestamp), Duration, is_error), (is_error, Duration)) AS example
FROM (
    SELECT Timestamp, Duration, TraceId, SpanId, StatusCode = 'Error' AND NOT IsRejected AS is_error
    FROM $spans
    WHERE $looked_at
)
GROUP BY column, row
ORDER BY column, row
