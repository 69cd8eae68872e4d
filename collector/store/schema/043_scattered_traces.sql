-- Calls whose halves lie in different minutes: to pair the calls of Minute, the spans of TraceId in Elsewhere are needed.
-- Found by the run Version of the roll-up job. A minute whose edges are older than a row of its own is behind.
CREATE TABLE IF NOT EXISTS scattered_traces $on_cluster (
    Minute DateTime CODEC(Delta, ZSTD(1)),
    Elsewhere DateTime CODEC(Delta, ZSTD(1)),
    TraceId String CODEC(ZSTD(1)),
    Version UInt64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(Version)
PARTITION BY toDate(Minute)
ORDER BY (Minute, Elsewhere, TraceId)
SETTINGS $durable
