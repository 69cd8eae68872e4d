-- What each service was asked in a minute: its entries in operations_1m, added up.
CREATE TABLE IF NOT EXISTS services_1m $on_cluster (
    Minute DateTime CODEC(Delta, ZSTD(1)),
    Version UInt64 CODEC(ZSTD(1)),
    ServiceName LowCardinality(String),
    Environment LowCardinality(String),
    Calls UInt64 CODEC(ZSTD(1)),
    Errors UInt64 CODEC(ZSTD(1)),
    Rejected UInt64 CODEC(ZSTD(1)),
    DurationSketch AggregateFunction(quantilesDD(0.01, 0.5, 0.95, 0.99), UInt64) CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(Version)
PARTITION BY toDate(Minute)
ORDER BY (Minute, ServiceName, Version % 2, Environment)
SETTINGS $durable, index_granularity = 256 -- a sketch that is read in vain costs 3 µs
