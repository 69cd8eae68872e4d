-- Calls whose halves lie in different minutes: to pair the calls of Minute, the spans of TraceId in Elsewhere are needed.
-- Found by the run Version of the roll-up job. A minute whose edges are older than a row of its own is behind.
-- Key is that of the called span, or of a caller that was waited for: with each of them the minute must be computed anew.
CREATE TABLE IF NOT EXISTS scattered_calls $on_cluster (
    Minute DateTime CODEC(Delta, ZSTD(1)),
    Elsewhere DateTime CODEC(Delta, ZSTD(1)),
    TraceId String CODEC(ZSTD(1)),
    Key UInt64,
    Version UInt64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(Version)
PARTITION BY toDate(Minute)
ORDER BY (Minute, Elsewhere, TraceId, Key)
SETTINGS $durable
