-- Minutes whose roll-ups are behind otel_traces. A commit adds (minute, mark, 1); the roll-up job adds the same with -1
-- when it has recomputed the minute from what that commit made visible. A crash between the two only repeats work.
CREATE TABLE IF NOT EXISTS dirty_minutes $on_cluster (
    Minute DateTime,
    Mark UInt64,
    Sign Int8
)
ENGINE = CollapsingMergeTree(Sign)
ORDER BY (Minute, Mark)
SETTINGS $durable, $many_small_parts
