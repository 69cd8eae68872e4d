-- Who was there: one row for each resource and minute, written from resources, not from spans.
CREATE TABLE IF NOT EXISTS service_instances_1m $on_cluster (
    Minute DateTime CODEC(Delta, ZSTD(1)),
    ServiceName LowCardinality(String),
    ServiceNamespace LowCardinality(String),
    ServiceVersion LowCardinality(String),
    ServiceInstanceId String CODEC(ZSTD(1)),
    Environment LowCardinality(String),
    FirstSeen SimpleAggregateFunction(min, DateTime64(9)) CODEC(ZSTD(1)),
    LastSeen SimpleAggregateFunction(max, DateTime64(9)) CODEC(ZSTD(1))
)
ENGINE = AggregatingMergeTree
PARTITION BY toDate(Minute)
ORDER BY (Minute, ServiceName, ServiceNamespace, ServiceVersion, ServiceInstanceId, Environment)
SETTINGS $durable, $many_small_parts
