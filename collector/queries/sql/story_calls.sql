-- Calls to the target second by second, and of each second those that failed, were slow ({slow_ns}, 0 where that is not known) or
-- were refused: one pass, because reading the instance of each call is what costs. What else they say is in `story_details`.
SELECT
    intDiv(toUnixTimestamp64Nano(Timestamp), 1000000000) AS second,
    countIf(StatusCode != 'Error' AND NOT IsRejected) AS ok, countIf(StatusCode = 'Error' AND NOT IsRejected) AS failed,
    countIf({slow_ns:UInt64} > 0 AND Duration > {slow_ns:UInt64} AND NOT IsRejected) AS slow, countIf(IsRejected) AS rejected,
    if(countIf(NOT IsRejected) = 0, NULL, round(quantileIf(0.95)(Duration, NOT IsRejected) / 1e6, 3)) AS p95_ms,
    groupArrayIf(500)(
        (TraceId, SpanId, toUnixTimestamp64Nano(Timestamp), toUInt64(Duration), IsRejected, StatusCode = 'Error',
         ResourceAttributes['service.instance.id']),
        StatusCode = 'Error' OR ({slow_ns:UInt64} > 0 AND Duration > {slow_ns:UInt64})) AS calls
FROM otel_traces
WHERE ServiceName = {service:String} AND SpanKind IN ('Client', 'Producer') AND Peer IN {peers:Array(String)}
  AND Timestamp >= fromUnixTimestamp64Nano({start_ns:Int64}) AND Timestamp < fromUnixTimestamp64Nano({end_ns:Int64})
  AND ({instance:String} = '' OR ResourceAttributes['service.instance.id'] = {instance:String})
GROUP BY second
ORDER BY second
