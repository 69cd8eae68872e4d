-- Every change of a breaker's state. KeyNs is the time that was first known; when a record tells the exact time later, the
-- row is written again with that as AtNs.
CREATE TABLE IF NOT EXISTS breaker_transitions $on_cluster (
    KeyNs Int64 CODEC(Delta, ZSTD(1)),
    BreakerId String CODEC(ZSTD(1)),
    Instance String CODEC(ZSTD(1)),
    Version UInt64 CODEC(ZSTD(1)),
    AtNs Int64 CODEC(Delta, ZSTD(1)),
    Service LowCardinality(String),
    Namespace LowCardinality(String),
    Name String CODEC(ZSTD(1)),
    GroupName String CODEC(ZSTD(1)),
    Target String CODEC(ZSTD(1)),
    FromState LowCardinality(String),
    ToState LowCardinality(String),
    Reason String CODEC(ZSTD(1)),
    TraceId String CODEC(ZSTD(1)),
    SpanId String CODEC(ZSTD(1)),
    Precision LowCardinality(String),
    Source LowCardinality(String)
)
ENGINE = ReplacingMergeTree(Version)
PARTITION BY toDate(fromUnixTimestamp64Nano(KeyNs))
ORDER BY (KeyNs, BreakerId, Instance)
SETTINGS $durable
