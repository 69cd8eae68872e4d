CREATE MATERIALIZED VIEW IF NOT EXISTS otlp_logs_unfold $on_cluster TO otel_logs AS
WITH
    $decoders
SELECT
    fromUnixTimestamp64Nano(toInt64(if(s.time_unix_nano = 0, s.observed_time_unix_nano, s.time_unix_nano))) AS Timestamp,
    lower(hex(s.trace_id)) AS TraceId,
    lower(hex(s.span_id)) AS SpanId,
    toUInt8(bitAnd(s.flags, 255)) AS TraceFlags,
    s.severity_text::LowCardinality(String) AS SeverityText,
    toUInt8(s.severity_number) AS SeverityNumber,
    any_text(s.body) AS Body,
    attribute_map(s.attributes) AS LogAttributes,
    s.event_name AS EventName,
    fromUnixTimestamp64Nano(toInt64(s.observed_time_unix_nano)) AS ObservedTimestamp,
    s.flags AS Flags,
    toUInt8(ascii(s.body)) AS BodyType,
    attribute_types(s.attributes) AS LogAttributeTypes,
    s.dropped_attributes_count AS DroppedAttributesCount,
    * EXCEPT (s)
FROM (
    SELECT
        ServiceName, ResourceAttributes, ResourceAttributeTypes, ResourceDroppedAttributesCount, ResourceEntities, ResourceSchemaUrl,
        ss.scope.name AS ScopeName,
        ss.scope.version AS ScopeVersion,
        attribute_map(ss.scope.attributes) AS ScopeAttributes,
        attribute_types(ss.scope.attributes) AS ScopeAttributeTypes,
        ss.scope.dropped_attributes_count AS ScopeDroppedAttributesCount,
        ss.schema_url::LowCardinality(String) AS ScopeSchemaUrl,
        arrayJoin(ss.log_records) AS s
    FROM (
        SELECT
            attribute_map(r.resource.attributes) AS ResourceAttributes,
            attribute_types(r.resource.attributes) AS ResourceAttributeTypes,
            r.resource.dropped_attributes_count AS ResourceDroppedAttributesCount,
            r.resource.entity_refs AS ResourceEntities,
            r.schema_url::LowCardinality(String) AS ResourceSchemaUrl,
            if(ResourceAttributes['service.name'] = '', 'unknown_service', ResourceAttributes['service.name'])::LowCardinality(String) AS ServiceName,
            arrayJoin(r.scope_logs) AS ss
        FROM (SELECT arrayJoin(resource_logs) AS r FROM otlp_logs_inbox)
    )
)
