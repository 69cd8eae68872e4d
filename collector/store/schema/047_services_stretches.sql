-- services_1m by the stretch: 3 µs for each sketch that is added up make long ranges of minutes slow.
CREATE TABLE IF NOT EXISTS services_stretches $on_cluster (
    Seconds UInt16,
    Start DateTime CODEC(Delta, ZSTD(1)),
    Version UInt64 CODEC(ZSTD(1)),
    ServiceName LowCardinality(String),
    Environment LowCardinality(String),
    Calls UInt64 CODEC(ZSTD(1)),
    Errors UInt64 CODEC(ZSTD(1)),
    Rejected UInt64 CODEC(ZSTD(1)),
    DurationSketch AggregateFunction(quantilesDD(0.01, 0.5, 0.95, 0.99), UInt64) CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(Version)
PARTITION BY toDate(Start)
ORDER BY (Seconds, Start, ServiceName, Environment)
SETTINGS $durable, index_granularity = 256 -- a sketch that is read in vain costs 3 µs
