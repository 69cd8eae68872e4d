-- Events of a trace's spans, earliest first; those of a span that was sent twice once.
SELECT id, service, name, toUnixTimestamp64Nano(time) AS at_ns
FROM
(
    SELECT reinterpretAsUInt64(reverse(unhex(SpanId))) AS id, ServiceName AS service,
        `Events.Name` AS event_names, `Events.Timestamp` AS event_times
    FROM $spans AS spans
    WHERE TraceId = {trace_id:String} AND substring(TraceId, 31, 2) = substring({trace_id:String}, 31, 2)
      AND notEmpty(`Events.Name`)
    LIMIT 1 BY SpanId, ServiceName
)
ARRAY JOIN event_names AS name, event_times AS time
ORDER BY time, id
LIMIT {limit:UInt32}
