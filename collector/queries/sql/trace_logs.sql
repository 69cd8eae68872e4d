SELECT toUnixTimestamp64Nano(Timestamp) AS time_ns, SpanId AS span_id, ServiceName AS service, SeverityText AS severity,
    SeverityNumber AS severity_number, Body AS body, $BodyType AS body_type, LogAttributes AS attributes, $LogAttributeTypes AS attribute_types,
    $EventName AS event_name, ScopeName AS scope
FROM otel_logs
WHERE TraceId = {trace_id:String} AND ({span_id:String} = '' OR SpanId = {span_id:String})
ORDER BY Timestamp
LIMIT {limit:UInt32}
