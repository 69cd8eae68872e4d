-- Which stretches (five minutes to six hours) are added up from their minutes. Version is the newest of those minutes: when a minute
-- is rolled up again it has a newer one, and the rows of its stretches no longer count.
CREATE TABLE IF NOT EXISTS rolled_up_stretches $on_cluster (
    Seconds UInt16,
    Start DateTime CODEC(Delta, ZSTD(1)),
    Version UInt64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(Version)
PARTITION BY toDate(Start)
ORDER BY (Seconds, Start)
SETTINGS $durable
