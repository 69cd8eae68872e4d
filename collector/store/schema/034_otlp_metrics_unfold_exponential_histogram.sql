CREATE MATERIALIZED VIEW IF NOT EXISTS otlp_metrics_unfold_exponential_histogram $on_cluster TO otel_metrics_exponential_histogram AS
WITH
    $decoders
SELECT
    MetricName, MetricDescription, MetricUnit, MetricMetadata, MetricMetadataTypes,
    ServiceName, ResourceAttributes, ResourceAttributeTypes, ResourceDroppedAttributesCount, ResourceEntities, ResourceSchemaUrl,
    ScopeName, ScopeVersion, ScopeAttributes, ScopeAttributeTypes, ScopeDroppedAttrCount, ScopeSchemaUrl,
    attribute_map(p.attributes) AS Attributes,
    attribute_types(p.attributes) AS AttributeTypes,
    fromUnixTimestamp64Nano(toInt64(p.start_time_unix_nano)) AS StartTimeUnix,
    fromUnixTimestamp64Nano(toInt64(p.time_unix_nano)) AS TimeUnix,
    p.count AS Count,
    p.sum AS Sum,
    p.scale AS Scale,
    p.zero_count AS ZeroCount,
    p.positive.offset AS PositiveOffset,
    p.positive.bucket_counts AS PositiveBucketCounts,
    p.negative.offset AS NegativeOffset,
    p.negative.bucket_counts AS NegativeBucketCounts,
    arrayMap(e -> attribute_map(e.filtered_attributes), p.exemplars) AS `Exemplars.FilteredAttributes`,
    arrayMap(e -> fromUnixTimestamp64Nano(toInt64(e.time_unix_nano)), p.exemplars) AS `Exemplars.TimeUnix`,
    arrayMap(e -> if(e.as_int != 0, toFloat64(e.as_int), e.as_double), p.exemplars) AS `Exemplars.Value`,
    arrayMap(e -> lower(hex(e.span_id)), p.exemplars) AS `Exemplars.SpanId`,
    arrayMap(e -> lower(hex(e.trace_id)), p.exemplars) AS `Exemplars.TraceId`,
    p.flags AS Flags,
    p.min AS Min,
    p.max AS Max,
    p.zero_threshold AS ZeroThreshold,
    m.exponential_histogram.aggregation_temporality AS AggregationTemporality
FROM (
    SELECT
        *,
        m.name AS MetricName,
        m.description AS MetricDescription,
        m.unit AS MetricUnit,
        attribute_map(m.metadata) AS MetricMetadata,
        attribute_types(m.metadata) AS MetricMetadataTypes,
        arrayJoin(m.exponential_histogram.data_points) AS p
    FROM (
        SELECT
            ServiceName, ResourceAttributes, ResourceAttributeTypes, ResourceDroppedAttributesCount, ResourceEntities, ResourceSchemaUrl,
            ss.scope.name AS ScopeName,
            ss.scope.version AS ScopeVersion,
            attribute_map(ss.scope.attributes) AS ScopeAttributes,
            attribute_types(ss.scope.attributes) AS ScopeAttributeTypes,
            ss.scope.dropped_attributes_count AS ScopeDroppedAttrCount,
            ss.schema_url::LowCardinality(String) AS ScopeSchemaUrl,
            arrayJoin(ss.metrics) AS m
        FROM (
            SELECT
                attribute_map(r.resource.attributes) AS ResourceAttributes,
                attribute_types(r.resource.attributes) AS ResourceAttributeTypes,
                r.resource.dropped_attributes_count AS ResourceDroppedAttributesCount,
                r.resource.entity_refs AS ResourceEntities,
                r.schema_url::LowCardinality(String) AS ResourceSchemaUrl,
                if(ResourceAttributes['service.name'] = '', 'unknown_service', ResourceAttributes['service.name'])::LowCardinality(String) AS ServiceName,
                arrayJoin(r.scope_metrics) AS ss
            FROM (SELECT arrayJoin(resource_metrics) AS r FROM otlp_metrics_inbox)
        )
    )
)
