-- What the minutes in hand still wait for, see unpaired_calls.
INSERT INTO unpaired_calls
WITH
    $universe
    callers AS (
        SELECT Minute, ParentKey AS Key FROM universe WHERE IsHere AND ParentKey != 0
        UNION ALL
        SELECT Minute, arrayJoin(LinkKeys) FROM universe WHERE IsHere AND notEmpty(LinkKeys) AND (SpanKind = 'Consumer' OR PeerKind = 'broker_in')
    )
SELECT Minute, {version:UInt64} + has({turned:Array(DateTime)}, Minute) AS Version, Missing, Key
FROM (
    SELECT DISTINCT Minute, 'parent' AS Missing, Key FROM callers WHERE Key NOT IN (SELECT SpanKey FROM universe)
    UNION ALL
    SELECT Minute, 'time', greatest(
        (toUnixTimestamp(Minute) + 60) * 1000000000,
        maxIf(EndNs, PeerKind = 'external' OR (PeerKind = 'none' AND SpanKind = 'Client')))::UInt64 AS UntilNs
    FROM universe WHERE IsHere GROUP BY Minute HAVING UntilNs > {settled_ns:Int64}
)
