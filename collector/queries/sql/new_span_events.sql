-- Span events in new rows that tell of breakers.
SELECT
    toUnixTimestamp64Nano(found.1) AS at_ns, ServiceName AS service, ResourceAttributes['service.namespace'] AS namespace,
    ResourceAttributes['service.instance.id'] AS instance, ScopeName AS scope, found.2 AS event, '' AS text, found.3 AS attributes,
    TraceId AS trace_id, SpanId AS span_id
FROM otel_traces
ARRAY JOIN arrayZip(`Events.Timestamp`, `Events.Name`, `Events.Attributes`) AS found
WHERE $new AND hasAny(`Events.Name`, {event_names:Array(String)}) AND found.2 IN {event_names:Array(String)}
ORDER BY at_ns
LIMIT 100000
