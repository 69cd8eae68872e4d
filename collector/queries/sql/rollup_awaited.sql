-- Other minutes that waited for a span of the minutes in hand.
INSERT INTO scattered_calls
WITH
    waiting AS (
        SELECT Minute, Key FROM unpaired_calls
        WHERE Missing = 'parent' AND Minute NOT IN {minutes:Array(DateTime)} AND (Minute, Version) IN (
            SELECT Minute, max(Version) FROM rolled_up_minutes GROUP BY Minute)
        ORDER BY Minute DESC
        LIMIT 1000000
    ),
    here AS (
        SELECT Minute, TraceId, SpanKey, PeerKind != 'none' OR SpanKind = 'Client' AS departs FROM call_spans
        WHERE Minute IN {minutes:Array(DateTime)}
    )
SELECT DISTINCT minutes.1 AS Minute, minutes.2 AS Elsewhere, TraceId, Key, {version:UInt64} AS Version
FROM (
    SELECT TraceId, waiting.Key AS Key, arrayJoin(if(departs, [(waiting.Minute, here.Minute), (here.Minute, waiting.Minute)], [(waiting.Minute, here.Minute)])) AS minutes
    FROM here INNER JOIN waiting ON here.SpanKey = waiting.Key
)
WHERE (Minute, Elsewhere, TraceId, Key) NOT IN (SELECT Minute, Elsewhere, TraceId, Key FROM scattered_calls
    WHERE Minute IN {minutes:Array(DateTime)} OR Elsewhere IN {minutes:Array(DateTime)})
