-- Each breaker of each instance as it was when it was last heard of in a minute. Written by the breaker job, again and again
-- while the minute lasts; merging keeps the last. Memory is what the job needs to go on after a restart.
CREATE TABLE IF NOT EXISTS breaker_states_1m $on_cluster (
    Minute DateTime CODEC(Delta, ZSTD(1)),
    BreakerId String CODEC(ZSTD(1)),
    Instance String CODEC(ZSTD(1)),
    Version UInt64 CODEC(ZSTD(1)),
    Service LowCardinality(String),
    Namespace LowCardinality(String),
    Name String CODEC(ZSTD(1)),
    GroupName String CODEC(ZSTD(1)),
    Kind LowCardinality(String),
    Source LowCardinality(String),
    Target String CODEC(ZSTD(1)),
    TargetConfidence LowCardinality(String),
    State LowCardinality(String),
    StateRaw String CODEC(ZSTD(1)),
    SinceNs Int64 CODEC(ZSTD(1)),
    SincePrecision LowCardinality(String),
    ObservedNs Int64 CODEC(ZSTD(1)),
    IntervalNs Int64 CODEC(ZSTD(1)),
    FailureRate Nullable(Float64) CODEC(ZSTD(1)),
    SlowRate Nullable(Float64) CODEC(ZSTD(1)),
    Settings Map(LowCardinality(String), Float64) CODEC(ZSTD(1)),
    Evidence String CODEC(ZSTD(1)),
    Memory String CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(Version)
PARTITION BY toDate(Minute)
ORDER BY (Minute, BreakerId, Instance)
SETTINGS $durable
