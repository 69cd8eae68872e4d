-- Who called whom in a minute, by the same rules as operations_1m. The minute is that of the span that counts the call:
-- the callee's of a paired call, the caller's of a call to a database, broker or external peer.
-- …Environment is where the service at that end ran; databases, brokers and external peers have none of their own.
CREATE TABLE IF NOT EXISTS service_edges_1m $on_cluster (
    Minute DateTime CODEC(Delta, ZSTD(1)),
    Version UInt64 CODEC(ZSTD(1)),
    Slice UInt8,
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
PARTITION BY toDate(Minute)
ORDER BY (Minute, Source, SourceKind, Target, TargetKind, Slice, Version % 2, SourceEnvironment, TargetEnvironment)
SETTINGS $durable, index_granularity = 1024 -- a sketch that is read in vain costs 3 µs
