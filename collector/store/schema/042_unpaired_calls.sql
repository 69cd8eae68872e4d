-- Halves of calls whose other half had not arrived when their minute was last rolled up. A span that arrives later in
-- another minute and is the one that is missing makes the minute dirty again: its own key is Key where a parent is
-- missing, its parent's key is Key where a child is missing.
CREATE TABLE IF NOT EXISTS unpaired_calls $on_cluster (
    Minute DateTime CODEC(Delta, ZSTD(1)),
    Version UInt64 CODEC(ZSTD(1)),
    Missing Enum8('parent' = 1, 'child' = 2),
    Key UInt64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(Version)
PARTITION BY toDate(Minute)
ORDER BY (Minute, Missing, Key)
SETTINGS $durable
