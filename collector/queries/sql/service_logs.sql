-- A service's log records, newest first: in the order of the sorting key, so that only the last granules are read.
-- Where a record has no severity number, its text says the severity.
SELECT toUnixTimestamp64Nano(Timestamp) AS time_ns, TraceId AS trace_id, SpanId AS span_id, ServiceName AS service, SeverityText AS severity,
    SeverityNumber AS severity_number, Body AS body, $BodyType AS body_type, LogAttributes AS attributes, $LogAttributeTypes AS attribute_types,
    $EventName AS event_name, ScopeName AS scope
FROM otel_logs
WHERE ServiceName = {service:String} AND ({environment:String} = '' OR $environment = {environment:String})
  AND Timestamp >= fromUnixTimestamp64Nano({start_ns:Int64}) AND Timestamp < fromUnixTimestamp64Nano({end_ns:Int64})
  AND toStartOfMinute(Timestamp) >= {from_minute:DateTime} AND toStartOfMinute(Timestamp) <= {to_minute:DateTime}
  AND if(SeverityNumber > 0, SeverityNumber, transform(lower(substring(SeverityText, 1, 4)),
         ['trac', 'debu', 'info', 'warn', 'erro', 'crit', 'fata'], [1, 5, 9, 13, 17, 21, 21], 0)) >= {severity:UInt8}
ORDER BY toStartOfMinute(Timestamp) DESC, Timestamp DESC
LIMIT {limit:UInt32}
