-- Roll-ups of a minute, written whole by the roll-up job: the rows of the Version in rolled_up_minutes are its content.
-- Merging drops the older versions of the same key, but never the one before the newest: versions of a minute are even and
-- odd by turns, so that the rows which count are there until the new ones are complete.
-- A minute with very many spans is computed in slices, by trace id, to bound memory.
CREATE TABLE IF NOT EXISTS operations_1m $on_cluster (
    Minute DateTime CODEC(Delta, ZSTD(1)),
    Version UInt64 CODEC(ZSTD(1)),
    Slice UInt8,
    ServiceName LowCardinality(String),
    SpanName LowCardinality(String),
    SpanKind LowCardinality(String),
    IsEntry Bool,
    Environment LowCardinality(String),
    Calls UInt64 CODEC(ZSTD(1)),
    Errors UInt64 CODEC(ZSTD(1)),
    Rejected UInt64 CODEC(ZSTD(1)),
    DurationSketch AggregateFunction(quantilesDD(0.01, 0.5, 0.95, 0.99), UInt64) CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(Version)
PARTITION BY toDate(Minute)
ORDER BY (Minute, ServiceName, SpanName, SpanKind, IsEntry, Slice, Version % 2, Environment)
SETTINGS $durable
