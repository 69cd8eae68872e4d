-- What a minute still waited for when it was last rolled up, in rows of the version that its edges have:
-- Missing = 'parent': a span that its calls come from (parent or link) and that had not arrived; Key is its key in
-- call_spans. When it arrives, in whatever minute, the waiting minute becomes dirty again.
-- Missing = 'time': until Key (epoch ns), and the grace after, its calls may still be answered.
CREATE TABLE IF NOT EXISTS unpaired_calls $on_cluster (
    Minute DateTime CODEC(Delta, ZSTD(1)),
    Version UInt64 CODEC(ZSTD(1)),
    Missing Enum8('parent' = 1, 'time' = 2),
    Key UInt64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(Version)
PARTITION BY toDate(Minute)
ORDER BY (Minute, Missing, Key)
SETTINGS $durable
