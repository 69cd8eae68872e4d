-- What a trace's views need of every span, earliest first; a span that was sent twice once.
SELECT
    reinterpretAsUInt64(reverse(unhex(SpanId))) AS id, reinterpretAsUInt64(reverse(unhex(ParentSpanId))) AS parent_id,
    ServiceName AS service, SpanName AS name, SpanKind AS kind, StatusCode AS status, toUInt8(IsRejected) AS rejected,
    ResourceAttributes['service.instance.id'] AS instance,
    multiIf(ResourceAttributes['host.id'] != '', ResourceAttributes['host.id'],
            ResourceAttributes['host.name'] != '', ResourceAttributes['host.name'],
            concat(ServiceName, '\n', instance)) AS clock,
    Peer AS peer, toString(PeerKind) AS peer_kind,
    toUnixTimestamp64Nano(Timestamp) AS start_ns, toInt64(least(Duration, 9000000000000000000)) AS duration_ns,
    length(`Events.Name`) AS events, length(`Links.SpanId`) AS links
FROM $spans AS spans
WHERE TraceId = {trace_id:String} AND substring(TraceId, 31, 2) = substring({trace_id:String}, 31, 2) -- part of our sorting key
ORDER BY Timestamp, SpanId, ServiceName
LIMIT 1 BY SpanId, ServiceName
LIMIT {limit:UInt32}
SETTINGS max_threads = 1 -- as for the spans themselves
