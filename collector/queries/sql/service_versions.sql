-- A service's entries by version, the newest version first. Roll-ups do not know versions, so this reads spans.
SELECT
    ResourceAttributes['service.version'] AS version,
    count() AS calls, countIf(StatusCode = 'Error' AND NOT IsRejected) AS errors, countIf(IsRejected) AS rejected,
    arrayMap(ns -> round(ns / 1e6, 3), quantilesDD(0.01, 0.5, 0.95, 0.99)(Duration)) AS quantiles_ms,
    uniqExact(ResourceAttributes['service.instance.id']) AS instances,
    toUnixTimestamp64Nano(min(Timestamp)) AS first_ns, toUnixTimestamp64Nano(max(Timestamp)) AS last_ns
FROM $spans AS spans
WHERE ServiceName = {service:String} AND $of_environment AND (SpanKind IN ('Server', 'Consumer') OR ParentSpanId = '')
  AND Timestamp >= fromUnixTimestamp64Nano({start_ns:Int64}) AND Timestamp < fromUnixTimestamp64Nano({end_ns:Int64})
GROUP BY version
ORDER BY first_ns DESC
LIMIT 20
