-- Calls that name no peer and that no span answers, by service.
SELECT ServiceName AS service, SpanName AS name, count() AS count, any(TraceId) AS trace_id
FROM $sample
WHERE IsMeant AND SpanKind IN ('Client', 'Producer') AND Peer = ''
    AND toUnixTimestamp64Nano(Timestamp) + Duration < {settled_ns:Int64}
    AND (TraceId, SpanId) NOT IN (SELECT TraceId, ParentSpanId FROM $sample WHERE ParentSpanId != '')
GROUP BY service, name
ORDER BY count DESC, service, name
LIMIT {examples:UInt32}
