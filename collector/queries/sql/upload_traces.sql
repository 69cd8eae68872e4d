-- The traces of an upload, earliest first.
SELECT TraceId AS trace_id, count() OVER () AS traces, sum(spans) OVER () AS all_spans
FROM (
    SELECT TraceId, min(Timestamp) AS start, uniqExact(SpanId, ServiceName) AS spans
    FROM $spans AS spans
    GROUP BY TraceId
)
ORDER BY start, TraceId
LIMIT {limit:UInt32}
