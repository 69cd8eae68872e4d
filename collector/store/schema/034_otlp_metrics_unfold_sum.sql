CREATE MATERIALIZED VIEW IF NOT EXISTS otlp_metrics_unfold_sum $on_cluster TO otel_metrics_sum AS
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
    if(p.as_int != 0, toFloat64(p.as_int), p.as_double) AS Value,
    p.flags AS Flags,
    arrayMap(e -> attribute_map(e.filtered_attributes), p.exemplars) AS `Exemplars.FilteredAttributes`,
    arrayMap(e -> fromUnixTimestamp64Nano(toInt64(e.time_unix_nano)), p.exemplars) AS `Exemplars.TimeUnix`,
    arrayMap(e -> if(e.as_int != 0, toFloat64(e.as_int), e.as_double), p.exemplars) AS `Exemplars.Value`,
    arrayMap(e -> lower(hex(e.span_id)), p.exemplars) AS `Exemplars.SpanId`,
    arrayMap(e -> lower(hex(e.trace_id)), p.exemplars) AS `Exemplars.TraceId`,
    m.sum.aggregation_temporality AS AggregationTemporality,
    m.sum.is_monotonic AS IsMonotonic
FROM (
    SELECT *, arrayJoin(m.sum.data_points) AS p
    FROM otlp_metrics_each
)
