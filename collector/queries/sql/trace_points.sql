-- The longest of the spans looked at.
SELECT TraceId AS trace_id, SpanId AS span_id, toUnixTimestamp64Nano(Timestamp) AS start, Duration AS duration,
    StatusCode = 'Error' AND NOT IsRejected AS is_error
FROM $spans
WHERE $looked_at
ORDER BY Duration DESC, TraceId, SpanId
LIMIT {limit:UInt32}
