-- Refused calls in new rows, by who refused whom and how.
SELECT
    service, namespace, instance, error, message, words, peer,
    count() AS calls, max(at_ns) AS last_ns
FROM (
    SELECT
        ServiceName AS service, ResourceAttributes['service.namespace'] AS namespace,
        ResourceAttributes['service.instance.id'] AS instance,
        arrayFirst(one -> mapContains(one, 'exception.type'), `Events.Attributes`) AS exception,
        if(SpanAttributes['error.type'] = '', exception['exception.type'], SpanAttributes['error.type']) AS error,
        substring(if(exception['exception.message'] = '', StatusMessage, exception['exception.message']), 1, 300) AS message,
        mapFilter((name, value) -> name IN {words:Array(String)}, SpanAttributes) AS words,
        if(PeerKind IN ('external', 'database', 'broker_out'), Peer::String, '') AS peer,
        toUnixTimestamp64Nano(Timestamp) + toInt64(least(Duration, 86400000000000)) AS at_ns
    FROM otel_traces
    WHERE $new AND IsRejected
)
GROUP BY service, namespace, instance, error, message, words, peer
LIMIT 10000
