CREATE MATERIALIZED VIEW IF NOT EXISTS otlp_metrics_unfold_histogram $on_cluster TO otel_metrics_histogram AS
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
    p.bucket_counts AS BucketCounts,
    p.explicit_bounds AS ExplicitBounds,
    arrayMap(e -> attribute_map(e.filtered_attributes), p.exemplars) AS `Exemplars.FilteredAttributes`,
    arrayMap(e -> fromUnixTimestamp64Nano(toInt64(e.time_unix_nano)), p.exemplars) AS `Exemplars.TimeUnix`,
    arrayMap(e -> if(e.as_int != 0, toFloat64(e.as_int), e.as_double), p.exemplars) AS `Exemplars.Value`,
    arrayMap(e -> lower(hex(e.span_id)), p.exemplars) AS `Exemplars.SpanId`,
    arrayMap(e -> lower(hex(e.trace_id)), p.exemplars) AS `Exemplars.TraceId`,
    p.flags AS Flags,
    p.min AS Min,
    p.max AS Max,
    m.histogram.aggregation_temporality AS AggregationTemporality
FROM (
    SELECT *, arrayJoin(m.histogram.data_points) AS p
    FROM otlp_metrics_each
)
