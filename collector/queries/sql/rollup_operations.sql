-- The operations of the given minutes; copies of a span count as in spans_of_minutes.sql.inc.
INSERT INTO operations_1m
SELECT
    Minute, {version:UInt64} + has({turned:Array(DateTime)}, Minute) AS Version, {slice:UInt8} AS Slice, ServiceName, SpanName, SpanKind,
    SpanKind IN ('Server', 'Consumer') OR ParentKey = 0 AS IsEntry, Environment,
    count() AS Calls, countIf(IsError AND NOT IsRejected) AS Errors, countIf(IsRejected) AS Rejected,
    quantilesDDState(0.01, 0.5, 0.95, 0.99)(Duration) AS DurationSketch
FROM (
    SELECT Minute, ServiceName, Environment, SpanName, SpanKind, ParentKey, Duration, IsError, IsRejected, bitXor(SpanKey, cityHash64(ServiceName)) AS OwnKey
    FROM call_spans
    WHERE $in_hand
    $one_of_copies
)
GROUP BY Minute, ServiceName, SpanName, SpanKind, IsEntry, Environment
