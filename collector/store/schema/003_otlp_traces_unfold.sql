-- The engine analyses this text anew for every insert, so it is written to be analysed fast: few levels (a level costs 3 ms
-- for its columns alone), and an expression that is large and used twice is a column of the level below (what is inlined
-- multiplies: 340 ms an insert when it all was one level, 60 ms when each step had its own).
-- Events and links share one decoding of their attributes, for the same reason.
CREATE MATERIALIZED VIEW IF NOT EXISTS otlp_traces_unfold $on_cluster TO otel_traces AS
WITH
    $decoders
SELECT
    ServiceName, Environment, ResourceAttributes, ResourceAttributeTypes, ResourceExtras, ResourceSchemaUrl,
    ScopeName, ScopeVersion, ScopeExtras, ScopeSchemaUrl,
    fromUnixTimestamp64Nano(toInt64(s.start_time_unix_nano)) AS Timestamp,
    lower(hex(s.trace_id)) AS TraceId,
    lower(hex(s.span_id)) AS SpanId,
    lower(hex(s.parent_span_id)) AS ParentSpanId,
    s.trace_state AS TraceState,
    s.name::LowCardinality(String) AS SpanName,
    transform(s.kind, [1, 2, 3, 4, 5], ['Internal', 'Server', 'Client', 'Producer', 'Consumer'], 'Unspecified')::LowCardinality(String) AS SpanKind,
    mapFromArrays(names, texts) AS SpanAttributes,
    arrayMap(v -> toUInt8(ascii(v)), s.attributes.value) AS SpanAttributeTypes,
    s.end_time_unix_nano - s.start_time_unix_nano AS Duration,
    transform(s.status.code, [1, 2], ['Ok', 'Error'], 'Unset')::LowCardinality(String) AS StatusCode,
    s.status.message AS StatusMessage,
    arrayMap(ns -> fromUnixTimestamp64Nano(toInt64(ns)), s.events.time_unix_nano) AS `Events.Timestamp`,
    s.events.name::Array(LowCardinality(String)) AS `Events.Name`,
    `Events.Attributes`,
    if(empty(s.events), '', toJSONString((arraySlice(nested_types, 1, length(s.events)), s.events.dropped_attributes_count))) AS EventExtras,
    arrayMap(id -> lower(hex(id)), s.links.trace_id) AS `Links.TraceId`,
    arrayMap(id -> lower(hex(id)), s.links.span_id) AS `Links.SpanId`,
    s.links.trace_state AS `Links.TraceState`,
    arraySlice(nested_maps, length(s.events) + 1) AS `Links.Attributes`,
    if(empty(s.links), '', toJSONString((arraySlice(nested_types, length(s.events) + 1), s.links.dropped_attributes_count, s.links.flags))) AS LinkExtras,
    s.flags AS Flags,
    s.dropped_attributes_count AS DroppedAttributesCount,
    s.dropped_events_count AS DroppedEventsCount,
    s.dropped_links_count AS DroppedLinksCount,
    $peer_kind AS PeerKind,
    $peer AS Peer,
    $is_rejected AS IsRejected
FROM (
    SELECT
        *,
        $concepts AS concepts,
        arraySlice(nested_maps, 1, length(s.events)) AS `Events.Attributes`
    FROM (
        SELECT
            ServiceName, Environment, ResourceAttributes, ResourceAttributeTypes, ResourceExtras, ResourceSchemaUrl,
            ScopeName, ScopeVersion, ScopeExtras, ScopeSchemaUrl, s,
            s.attributes.key::Array(LowCardinality(String)) AS names,
            arrayMap(v -> any_text(v), s.attributes.value) AS texts,
            arrayMap(a -> attribute_map(a), arrayConcat(s.events.attributes, s.links.attributes)) AS nested_maps,
            arrayMap(a -> attribute_types(a), arrayConcat(s.events.attributes, s.links.attributes)) AS nested_types
        FROM (
            SELECT
                ServiceName, Environment, ResourceAttributes, ResourceAttributeTypes, ResourceExtras, ResourceSchemaUrl,
                ss.scope.name::LowCardinality(String) AS ScopeName,
                ss.scope.version::LowCardinality(String) AS ScopeVersion,
                if(empty(ss.scope.attributes) AND ss.scope.dropped_attributes_count = 0, '', toJSONString(
                    (attribute_map(ss.scope.attributes), attribute_types(ss.scope.attributes), ss.scope.dropped_attributes_count))) AS ScopeExtras,
                ss.schema_url::LowCardinality(String) AS ScopeSchemaUrl,
                arrayJoin(ss.spans) AS s
            FROM (
                SELECT
                    if(ResourceAttributes['service.name'] = '', 'unknown_service', ResourceAttributes['service.name'])::LowCardinality(String) AS ServiceName,
                    ($environment)::LowCardinality(String) AS Environment,
                    ResourceAttributes,
                    attribute_types(rs.resource.attributes) AS ResourceAttributeTypes,
                    if(empty(rs.resource.entity_refs) AND rs.resource.dropped_attributes_count = 0, '', toJSONString(
                        (rs.resource.dropped_attributes_count, rs.resource.entity_refs))) AS ResourceExtras,
                    rs.schema_url::LowCardinality(String) AS ResourceSchemaUrl,
                    arrayJoin(rs.scope_spans) AS ss
                FROM (
                    SELECT rs, attribute_map(rs.resource.attributes) AS ResourceAttributes
                    FROM (SELECT arrayJoin(resource_spans) AS rs FROM otlp_traces_inbox)
                )
            )
        )
    )
)
