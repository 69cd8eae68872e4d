-- What single spans tell, by service: of those that are asked about (is_meant) and of the others.
SELECT
    ServiceName AS service,
    IsMeant AS is_meant,
    count() AS spans,
    countIf(SpanKind = 'Unspecified' OR SpanKind = '') AS without_kind,
    countIf(ParentSpanId = '') AS roots,
    countIf(TraceState LIKE '%th:%' AND NOT TraceState LIKE '%th:0;%' AND NOT TraceState LIKE '%th:0') AS sampled,
    sum(DroppedAttributes) AS dropped_attributes,
    sum(DroppedEvents) AS dropped_events,
    sum(DroppedLinks) AS dropped_links,
    countIf(Timestamp > fromUnixTimestamp64Nano({future_ns:Int64})) AS in_the_future,
    min(toUnixTimestamp64Nano(Timestamp)) AS first_ns,
    any(TraceId) AS trace_id
FROM $sample
GROUP BY service, is_meant
ORDER BY is_meant DESC, service
LIMIT 2000
