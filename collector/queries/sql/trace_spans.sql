-- A trace's spans, or those with one id, earliest first; a span that was sent twice once.
SELECT
    SpanId, ParentSpanId, TraceState, $Flags AS Flags, ServiceName, SpanName, SpanKind,
    toUnixTimestamp64Nano(Timestamp) AS start_ns, toUInt64(Duration) AS Duration, StatusCode, StatusMessage,
    SpanAttributes, $SpanAttributeTypes AS SpanAttributeTypes,
    $DroppedAttributesCount AS DroppedAttributesCount, $DroppedEventsCount AS DroppedEventsCount, $DroppedLinksCount AS DroppedLinksCount,
    ResourceAttributes, $ResourceAttributeTypes AS ResourceAttributeTypes, $ResourceExtras AS ResourceExtras, $ResourceSchemaUrl AS ResourceSchemaUrl,
    ScopeName, ScopeVersion, $ScopeExtras AS ScopeExtras, $ScopeSchemaUrl AS ScopeSchemaUrl,
    arrayMap(moment -> toUnixTimestamp64Nano(moment), `Events.Timestamp`) AS event_ns, `Events.Name` AS EventNames,
    `Events.Attributes` AS EventAttributes, $EventExtras AS EventExtras,
    `Links.TraceId` AS LinkTraceIds, `Links.SpanId` AS LinkSpanIds, `Links.TraceState` AS LinkTraceStates,
    `Links.Attributes` AS LinkAttributes, $LinkExtras AS LinkExtras,
    IsRejected
FROM $spans AS spans
WHERE TraceId = {trace_id:String} AND substring(TraceId, 31, 2) = substring({trace_id:String}, 31, 2) -- part of our sorting key
  AND ({span_id:String} = '' OR SpanId = {span_id:String})
ORDER BY Timestamp, SpanId
LIMIT 1 BY SpanId, ServiceName
LIMIT {limit:UInt32}
SETTINGS max_threads = 1 -- a few granules: handing them and the parts' indices to threads costs 5 of 30 ms
