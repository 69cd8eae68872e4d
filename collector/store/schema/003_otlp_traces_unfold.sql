-- Each level computes on the columns of the level below. An expression that is used twice must be a column of its own: the
-- engine analyses this text anew for every insert, and what is inlined multiplies (340 ms an insert when it all was one level).
CREATE MATERIALIZED VIEW IF NOT EXISTS otlp_traces_unfold $on_cluster TO otel_traces AS
WITH
    $decoders
SELECT * EXCEPT ($working_columns), $peer AS Peer
FROM (
    SELECT *, $peer_kind AS PeerKind, $is_rejected AS IsRejected
    FROM (
        SELECT *, $positions
        FROM (
            SELECT *, mapFromArrays(names, texts) AS SpanAttributes, $concepts AS concepts
            FROM (
                SELECT
                    ServiceName, ResourceAttributes, ResourceAttributeTypes, ResourceExtras, ResourceSchemaUrl,
                    ScopeName, ScopeVersion, ScopeExtras, ScopeSchemaUrl,
                    fromUnixTimestamp64Nano(toInt64(s.start_time_unix_nano)) AS Timestamp,
                    lower(hex(s.trace_id)) AS TraceId,
                    lower(hex(s.span_id)) AS SpanId,
                    lower(hex(s.parent_span_id)) AS ParentSpanId,
                    s.trace_state AS TraceState,
                    s.name::LowCardinality(String) AS SpanName,
                    transform(s.kind, [1, 2, 3, 4, 5], ['Internal', 'Server', 'Client', 'Producer', 'Consumer'], 'Unspecified')::LowCardinality(String) AS SpanKind,
                    s.attributes.key::Array(LowCardinality(String)) AS names,
                    arrayMap(v -> any_text(v), s.attributes.value) AS texts,
                    arrayMap(v -> toUInt8(ascii(v)), s.attributes.value) AS SpanAttributeTypes,
                    s.end_time_unix_nano - s.start_time_unix_nano AS Duration,
                    transform(s.status.code, [1, 2], ['Ok', 'Error'], 'Unset')::LowCardinality(String) AS StatusCode,
                    s.status.message AS StatusMessage,
                    arrayMap(e -> fromUnixTimestamp64Nano(toInt64(e.time_unix_nano)), s.events) AS `Events.Timestamp`,
                    s.events.name::Array(LowCardinality(String)) AS `Events.Name`,
                    arrayMap(e -> attribute_map(e.attributes), s.events) AS `Events.Attributes`,
                    if(empty(s.events), '', toJSONString((arrayMap(e -> attribute_types(e.attributes), s.events), s.events.dropped_attributes_count))) AS EventExtras,
                    arrayMap(l -> lower(hex(l.trace_id)), s.links) AS `Links.TraceId`,
                    arrayMap(l -> lower(hex(l.span_id)), s.links) AS `Links.SpanId`,
                    s.links.trace_state AS `Links.TraceState`,
                    arrayMap(l -> attribute_map(l.attributes), s.links) AS `Links.Attributes`,
                    if(empty(s.links), '', toJSONString((arrayMap(l -> attribute_types(l.attributes), s.links), s.links.dropped_attributes_count, s.links.flags))) AS LinkExtras,
                    s.flags AS Flags,
                    s.dropped_attributes_count AS DroppedAttributesCount,
                    s.dropped_events_count AS DroppedEventsCount,
                    s.dropped_links_count AS DroppedLinksCount
                FROM (
                    SELECT
                        * EXCEPT (scope_attributes, scope_types, scope_dropped, spans),
                        if(empty(scope_types) AND scope_dropped = 0, '', toJSONString((scope_attributes, scope_types, scope_dropped))) AS ScopeExtras,
                        arrayJoin(spans) AS s
                    FROM (
                        SELECT
                            * EXCEPT (ss),
                            ss.scope.name::LowCardinality(String) AS ScopeName,
                            ss.scope.version::LowCardinality(String) AS ScopeVersion,
                            attribute_map(ss.scope.attributes) AS scope_attributes,
                            attribute_types(ss.scope.attributes) AS scope_types,
                            ss.scope.dropped_attributes_count AS scope_dropped,
                            ss.schema_url::LowCardinality(String) AS ScopeSchemaUrl,
                            ss.spans AS spans
                        FROM (
                            SELECT
                                * EXCEPT (scopes, service),
                                if(service = '', 'unknown_service', service)::LowCardinality(String) AS ServiceName,
                                arrayJoin(scopes) AS ss
                            FROM (
                                SELECT *, ResourceAttributes['service.name'] AS service
                                FROM (
                                    SELECT
                                        attribute_map(rs.resource.attributes) AS ResourceAttributes,
                                        attribute_types(rs.resource.attributes) AS ResourceAttributeTypes,
                                        if(empty(rs.resource.entity_refs) AND rs.resource.dropped_attributes_count = 0, '', toJSONString(
                                            (rs.resource.dropped_attributes_count, rs.resource.entity_refs))) AS ResourceExtras,
                                        rs.schema_url::LowCardinality(String) AS ResourceSchemaUrl,
                                        rs.scope_spans AS scopes
                                    FROM (SELECT arrayJoin(resource_spans) AS rs FROM otlp_traces_inbox)
                                )
                            )
                        )
                    )
                )
            )
        )
    )
)
