-- Other minutes that waited for a span of these minutes.
WITH
    here AS (
        SELECT SpanKey, ParentKey FROM call_spans WHERE Minute IN {minutes:Array(DateTime)}
    ),
    waiting AS (
        SELECT Minute, Missing, Key FROM unpaired_calls
        WHERE Minute NOT IN {minutes:Array(DateTime)} AND (Minute, Version) IN (
            SELECT Minute, max(Version) FROM service_edges_1m WHERE Source = '' GROUP BY Minute)
        ORDER BY Minute DESC
        LIMIT 1000000
    )
SELECT DISTINCT Minute FROM waiting
WHERE (Missing = 'parent' AND Key IN (SELECT SpanKey FROM here)) OR (Missing = 'child' AND Key IN (SELECT ParentKey FROM here))
