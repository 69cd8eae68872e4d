-- Log records in new rows that may tell of breakers.
SELECT
    toUnixTimestamp64Nano(Timestamp) AS at_ns, ServiceName AS service, ResourceAttributes['service.namespace'] AS namespace,
    ResourceAttributes['service.instance.id'] AS instance, ScopeName AS scope, EventName AS event, substring(Body, 1, 2000) AS text,
    LogAttributes AS attributes, TraceId AS trace_id, SpanId AS span_id
FROM otel_logs
WHERE $new AND (EventName IN {event_names:Array(String)} OR ScopeName IN {scopes:Array(String)} OR match(Body, {texts:String}))
ORDER BY Timestamp
LIMIT 100000
