-- Finds the spans that calls of the minutes and slice in hand come from and that are not in the same minute. Both
-- minutes need to know of the other: that of the called for its caller, that of the caller for whether it was answered.
INSERT INTO scattered_calls
WITH
    here AS MATERIALIZED (
        SELECT Minute, TraceId, SpanKey, ParentKey FROM call_spans
        WHERE $in_hand
    ),
    wanted AS MATERIALIZED (
        SELECT * FROM (
            SELECT Minute, TraceId, ParentKey AS Key, SpanKey AS CalleeKey FROM here WHERE ParentKey != 0
            UNION ALL
            SELECT toStartOfMinute(Timestamp) AS Minute, link.1, cityHash64(link.1, link.2), cityHash64(TraceId, SpanId) FROM otel_traces
            ARRAY JOIN arrayZip(`Links.TraceId`, `Links.SpanId`) AS link
            WHERE $in_hand AND (SpanKind = 'Consumer' OR PeerKind = 'broker_in')
        )
        WHERE bitXor(Key, intHash64(Minute)) NOT IN (SELECT bitXor(SpanKey, intHash64(Minute)) FROM here)
    ),
    found AS (
        SELECT Minute AS Elsewhere, TraceId, SpanKey, PeerKind != 'none' OR SpanKind = 'Client' AS departs FROM call_spans
        WHERE Minute >= {first_minute:DateTime} AND Minute <= {last_minute:DateTime}
          AND TraceId IN (SELECT TraceId FROM wanted) AND SpanKey IN (SELECT Key FROM wanted)
    )
SELECT DISTINCT minutes.1 AS Minute, minutes.2 AS Elsewhere, TraceId, CalleeKey AS Key, {version:UInt64} AS Version
FROM (
    SELECT found.TraceId AS TraceId, CalleeKey,
        arrayJoin(if(departs, [(wanted.Minute, Elsewhere), (Elsewhere, wanted.Minute)], [(wanted.Minute, Elsewhere)])) AS minutes
    FROM wanted INNER JOIN found ON wanted.Key = found.SpanKey
    WHERE (wanted.Minute, Elsewhere, found.TraceId, CalleeKey) NOT IN (
        SELECT Minute, Elsewhere, TraceId, Key FROM scattered_calls WHERE Minute IN {minutes:Array(DateTime)})
)
