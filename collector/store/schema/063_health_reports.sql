-- What services said of their health, and what was found by asking them: normalised, one row a report.
CREATE TABLE IF NOT EXISTS health_reports $on_cluster (
    AtNs Int64 CODEC(Delta, ZSTD(1)),
    Service LowCardinality(String),
    Namespace LowCardinality(String),
    Instance String CODEC(ZSTD(1)),
    Source LowCardinality(String),
    Format LowCardinality(String),
    Kind LowCardinality(String),
    Status LowCardinality(String),
    RawStatus String CODEC(ZSTD(1)),
    IsMaintenance Bool,
    HttpCode UInt16,
    Checks String CODEC(ZSTD(1)),
    Output String CODEC(ZSTD(1)),
    ExpiresNs Int64 CODEC(Delta, ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toDate(fromUnixTimestamp64Nano(AtNs))
ORDER BY (AtNs, Service, Instance)
SETTINGS $durable
