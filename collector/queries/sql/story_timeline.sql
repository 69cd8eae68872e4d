-- Calls second by second.
SELECT
    intDiv(toUnixTimestamp64Nano(Timestamp), 1000000000) AS second,
    countIf(StatusCode != 'Error' AND NOT IsRejected) AS ok, countIf(StatusCode = 'Error' AND NOT IsRejected) AS failed,
    countIf({slow_ns:UInt64} > 0 AND Duration > {slow_ns:UInt64} AND NOT IsRejected) AS slow, countIf(IsRejected) AS rejected,
    if(countIf(NOT IsRejected) = 0, NULL, round(quantileIf(0.95)(Duration, NOT IsRejected) / 1e6, 3)) AS p95_ms
FROM otel_traces
WHERE $of_calls
GROUP BY second
ORDER BY second
