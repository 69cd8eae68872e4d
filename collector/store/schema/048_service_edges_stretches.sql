-- service_edges_1m by the stretch.
CREATE TABLE IF NOT EXISTS service_edges_stretches $on_cluster (
    Seconds UInt16,
    Start DateTime CODEC(Delta, ZSTD(1)),
    Version UInt64 CODEC(ZSTD(1)),
    Source String CODEC(ZSTD(1)),
    SourceKind LowCardinality(String),
    Target String CODEC(ZSTD(1)),
    TargetKind LowCardinality(String),
    SourceEnvironment LowCardinality(String),
    TargetEnvironment LowCardinality(String),
    Calls UInt64 CODEC(ZSTD(1)),
    Errors UInt64 CODEC(ZSTD(1)),
    Rejected UInt64 CODEC(ZSTD(1)),
    DurationSketch AggregateFunction(quantilesDD(0.01, 0.5, 0.95, 0.99), UInt64) CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(Version)
PARTITION BY toDate(Start)
ORDER BY (Seconds, Start, Source, SourceKind, Target, TargetKind, SourceEnvironment, TargetEnvironment)
SETTINGS $durable, index_granularity = 256 -- a sketch that is read in vain costs 3 µs, and few stretches of a length are read
