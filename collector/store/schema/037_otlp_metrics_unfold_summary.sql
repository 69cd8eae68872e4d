CREATE MATERIALIZED VIEW IF NOT EXISTS otlp_metrics_unfold_summary $on_cluster TO otel_metrics_summary AS
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
    p.quantile_values.quantile AS `ValueAtQuantiles.Quantile`,
    p.quantile_values.value AS `ValueAtQuantiles.Value`,
    p.flags AS Flags
FROM (
    SELECT *, arrayJoin(m.summary.data_points) AS p
    FROM otlp_metrics_each
)
