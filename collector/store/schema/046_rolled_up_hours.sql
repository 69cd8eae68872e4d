-- Which hours are added up from their minutes. Version is the newest of those minutes: when a minute is rolled up again it
-- has a newer one, and the hour's rows no longer count.
CREATE TABLE IF NOT EXISTS rolled_up_hours $on_cluster (
    Hour DateTime CODEC(Delta, ZSTD(1)),
    Version UInt64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(Version)
PARTITION BY toDate(Hour)
ORDER BY Hour
SETTINGS $durable
