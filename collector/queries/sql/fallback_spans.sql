-- The newest spans in which a service took another way after a call had failed, as their events tell.
SELECT ServiceName AS service, TraceId AS trace_id
FROM $spans
WHERE $of_minutes AND $of_environment AND hasAny(`Events.Name`, {event_names:Array(String)})
ORDER BY Timestamp DESC
LIMIT {limit:UInt32}
