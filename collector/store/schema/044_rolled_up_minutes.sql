-- Which minutes are rolled up, and the version that counts: the rows of that version in the tables …_1m are a minute's
-- content. The row here is written last, so it says that all is there.
CREATE TABLE IF NOT EXISTS rolled_up_minutes $on_cluster (
    Minute DateTime CODEC(Delta, ZSTD(1)),
    Version UInt64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(Version)
PARTITION BY toDate(Minute)
ORDER BY Minute
SETTINGS $durable
