-- What is odd between a span and its parent, by services: how often, and one trace to look at.
-- A call from one environment into another is odd in both. Parents are missed only for spans from {parents_from_ns} on that are settled: others may have theirs elsewhere or under way.
SELECT problem, service, other, count() AS count, max(amount_ms) AS amount_ms, any(TraceId) AS trace_id, any(SpanName) AS name
FROM (
    SELECT
        child.ServiceName AS service, parent.ServiceName AS other, child.TraceId AS TraceId, child.SpanName AS SpanName,
        parent.SpanId = '' AS is_orphan,
        NOT is_orphan AND service != other AND (child.IsMeant OR parent.IsMeant) AS is_call,
        (toUnixTimestamp64Nano(parent.Timestamp) - toUnixTimestamp64Nano(child.Timestamp)) / 1000000 AS amount_ms,
        arrayJoin(arrayFilter(word -> word != '', [
            if(is_orphan AND child.IsMeant AND toUnixTimestamp64Nano(child.Timestamp) BETWEEN {parents_from_ns:Int64} AND {settled_ns:Int64}, 'missing_parents', ''),
            if(is_call AND NOT (
                child.SpanKind IN ('Server', 'Consumer') AND parent.SpanKind IN ('Client', 'Producer')), 'wrong_kinds', ''),
            if(is_call AND amount_ms > {skew_ms:Float64}, 'clock_skew', '')
        ])) AS problem
    FROM (SELECT * FROM $sample WHERE ParentSpanId != '') AS child
    LEFT JOIN (SELECT TraceId, SpanId, ServiceName, SpanKind, Timestamp, IsMeant FROM $sample) AS parent
        ON child.TraceId = parent.TraceId AND child.ParentSpanId = parent.SpanId
)
GROUP BY problem, service, other
ORDER BY problem, count DESC, service, other
LIMIT {examples:UInt32} BY problem
