-- Of the spans looked at, how many spans and traces have each value of each facet. The facet '' counts them all.
SELECT facet, value, uniqExact(trace) AS traces, count() AS spans
FROM (
    SELECT
        cityHash64(TraceId) AS trace,
        arrayFirst(key -> mapContains(SpanAttributes, key), {http_status:Array(String)}) AS status_key,
        ['', 'service', 'operation', 'kind', 'status', 'http_status', 'version'] AS facets,
        ['', ServiceName::String, SpanName::String, lower(SpanKind), lower(StatusCode),
         if(status_key = '', '', SpanAttributes[status_key]),
         if(mapContains(SpanAttributes, 'service.version'), SpanAttributes['service.version'], ResourceAttributes['service.version'])] AS values
    FROM $spans
    WHERE $looked_at
)
ARRAY JOIN facets AS facet, values AS value
WHERE facet = '' OR value != ''
GROUP BY facet, value
ORDER BY facet, traces DESC, value
LIMIT {limit:UInt32} BY facet
