CREATE MATERIALIZED VIEW IF NOT EXISTS otlp_traces_unfold $on_cluster TO otel_traces AS
WITH
    $decoders,
    $concepts AS concepts
SELECT
    fromUnixTimestamp64Nano(toInt64(s.start_time_unix_nano)) AS Timestamp,
    lower(hex(s.trace_id)) AS TraceId,
    lower(hex(s.span_id)) AS SpanId,
    lower(hex(s.parent_span_id)) AS ParentSpanId,
    s.trace_state AS TraceState,
    s.name::LowCardinality(String) AS SpanName,
    transform(s.kind, [1, 2, 3, 4, 5], ['Internal', 'Server', 'Client', 'Producer', 'Consumer'], 'Unspecified')::LowCardinality(String) AS SpanKind,
    ServiceName,
    ResourceAttributes,
    ScopeName,
    ScopeVersion,
    attribute_map(s.attributes) AS SpanAttributes,
    s.end_time_unix_nano - s.start_time_unix_nano AS Duration,
    transform(s.status.code, [1, 2], ['Ok', 'Error'], 'Unset')::LowCardinality(String) AS StatusCode,
    s.status.message AS StatusMessage,
    arrayMap(e -> fromUnixTimestamp64Nano(toInt64(e.time_unix_nano)), s.events) AS `Events.Timestamp`,
    s.events.name::Array(LowCardinality(String)) AS `Events.Name`,
    arrayMap(e -> attribute_map(e.attributes), s.events) AS `Events.Attributes`,
    arrayMap(e -> attribute_types(e.attributes), s.events) AS `Events.AttributeTypes`,
    s.events.dropped_attributes_count AS `Events.DroppedAttributesCount`,
    arrayMap(l -> lower(hex(l.trace_id)), s.links) AS `Links.TraceId`,
    arrayMap(l -> lower(hex(l.span_id)), s.links) AS `Links.SpanId`,
    s.links.trace_state AS `Links.TraceState`,
    arrayMap(l -> attribute_map(l.attributes), s.links) AS `Links.Attributes`,
    arrayMap(l -> attribute_types(l.attributes), s.links) AS `Links.AttributeTypes`,
    s.links.dropped_attributes_count AS `Links.DroppedAttributesCount`,
    s.links.flags AS `Links.Flags`,
    s.flags AS Flags,
    attribute_types(s.attributes) AS SpanAttributeTypes,
    s.dropped_attributes_count AS DroppedAttributesCount,
    s.dropped_events_count AS DroppedEventsCount,
    s.dropped_links_count AS DroppedLinksCount,
    ResourceAttributeTypes,
    ResourceDroppedAttributesCount,
    ResourceEntities,
    ResourceSchemaUrl,
    ScopeAttributes,
    ScopeAttributeTypes,
    ScopeDroppedAttributesCount,
    ScopeSchemaUrl,
    $peer_kind AS PeerKind,
    $peer AS Peer,
    $is_rejected AS IsRejected
FROM (
    SELECT
        ServiceName, ResourceAttributes, ResourceAttributeTypes, ResourceDroppedAttributesCount, ResourceEntities, ResourceSchemaUrl,
        ss.scope.name AS ScopeName,
        ss.scope.version AS ScopeVersion,
        attribute_map(ss.scope.attributes) AS ScopeAttributes,
        attribute_types(ss.scope.attributes) AS ScopeAttributeTypes,
        ss.scope.dropped_attributes_count AS ScopeDroppedAttributesCount,
        ss.schema_url::LowCardinality(String) AS ScopeSchemaUrl,
        arrayJoin(ss.spans) AS s
    FROM (
        SELECT
            attribute_map(rs.resource.attributes) AS ResourceAttributes,
            attribute_types(rs.resource.attributes) AS ResourceAttributeTypes,
            rs.resource.dropped_attributes_count AS ResourceDroppedAttributesCount,
            rs.resource.entity_refs AS ResourceEntities,
            rs.schema_url::LowCardinality(String) AS ResourceSchemaUrl,
            if(ResourceAttributes['service.name'] = '', 'unknown_service', ResourceAttributes['service.name'])::LowCardinality(String) AS ServiceName,
            arrayJoin(rs.scope_spans) AS ss
        FROM (SELECT arrayJoin(resource_spans) AS rs FROM otlp_traces_inbox)
    )
)
