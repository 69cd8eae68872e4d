INSERT INTO unpaired_calls
WITH
    $universe
    missing_parent AS (
        SELECT DISTINCT Minute, 'parent' AS Missing, CallerKey AS Key FROM (
            SELECT Minute, arrayJoin(arrayPushBack(LinkKeys, ParentKey)) AS CallerKey FROM universe WHERE IsHere
        )
        WHERE CallerKey != 0 AND CallerKey NOT IN (SELECT SpanKey FROM universe)
    ),
    missing_child AS (
        SELECT DISTINCT Minute, 'child' AS Missing, SpanKey AS Key FROM universe
        WHERE IsHere AND SpanKind = 'Client' AND SpanKey NOT IN (SELECT ParentKey FROM universe)
    )
SELECT Minute, {version:UInt64} AS Version, Missing, Key
FROM (SELECT * FROM missing_parent UNION ALL SELECT * FROM missing_child)
