-- Span events in new rows that tell of breakers.
SELECT
    toUnixTimestamp64Nano(event.1) AS at_ns, ServiceName AS service, ResourceAttributes['service.namespace'] AS namespace,
    ResourceAttributes['service.instance.id'] AS instance, ScopeName AS scope, event.2 AS event, '' AS text, event.3 AS attributes,
    TraceId AS trace_id, SpanId AS span_id
FROM otel_traces
ARRAY JOIN arrayZip(`Events.Timestamp`, `Events.Name`, `Events.Attributes`) AS event
WHERE $new AND hasAny(`Events.Name`, {event_names:Array(String)}) AND event.2 IN {event_names:Array(String)}
ORDER BY at_ns
LIMIT 100000
