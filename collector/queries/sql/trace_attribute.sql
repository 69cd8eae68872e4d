-- What an attribute is on each span of a trace that has it: the span's own value, or else its resource's.
SELECT
    reinterpretAsUInt64(reverse(unhex(SpanId))) AS id, ServiceName AS service,
    if(mapContains(SpanAttributes, {key:String}), SpanAttributes[{key:String}], ResourceAttributes[{key:String}]) AS value
FROM $spans AS spans
WHERE TraceId = {trace_id:String} AND substring(TraceId, 31, 2) = substring({trace_id:String}, 31, 2)
  AND (mapContains(SpanAttributes, {key:String}) OR mapContains(ResourceAttributes, {key:String}))
ORDER BY Timestamp, SpanId, ServiceName
LIMIT 1 BY SpanId, ServiceName
LIMIT {limit:UInt32}
SETTINGS max_threads = 1 -- as for the spans themselves
