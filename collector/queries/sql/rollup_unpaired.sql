-- What the minutes in hand still wait for, see unpaired_calls.
INSERT INTO unpaired_calls
WITH
    $universe
    callers AS (
        SELECT Minute, arrayJoin(arrayConcat(
            if(ParentKey != 0, [ParentKey], []),
            if(SpanKind = 'Consumer' OR PeerKind = 'broker_in', LinkKeys, []))) AS Key
        FROM universe WHERE IsHere
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
