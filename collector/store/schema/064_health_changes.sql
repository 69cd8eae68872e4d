-- Every change of a service's (Instance is empty) or an instance's status, with the reasons at that time; with an Environment,
-- of a service's there.
CREATE TABLE IF NOT EXISTS health_changes $on_cluster (
    AtNs Int64 CODEC(Delta, ZSTD(1)),
    Service LowCardinality(String),
    Namespace LowCardinality(String),
    Instance String CODEC(ZSTD(1)),
    Environment LowCardinality(String),
    FromStatus LowCardinality(String),
    ToStatus LowCardinality(String),
    Reasons String CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY toDate(fromUnixTimestamp64Nano(AtNs))
ORDER BY (AtNs, Service, Instance, Environment)
SETTINGS $durable
