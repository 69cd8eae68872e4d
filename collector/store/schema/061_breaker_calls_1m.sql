-- Calls through each breaker of each instance by minute, as its counters tell. Written by the breaker job, replaced while
-- the minute's points come in.
CREATE TABLE IF NOT EXISTS breaker_calls_1m $on_cluster (
    Minute DateTime CODEC(Delta, ZSTD(1)),
    BreakerId String CODEC(ZSTD(1)),
    Instance String CODEC(ZSTD(1)),
    Version UInt64 CODEC(ZSTD(1)),
    Ok Float64 CODEC(ZSTD(1)),
    Failed Float64 CODEC(ZSTD(1)),
    Slow Float64 CODEC(ZSTD(1)),
    Rejected Float64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(Version)
PARTITION BY toDate(Minute)
ORDER BY (Minute, BreakerId, Instance)
SETTINGS $durable
