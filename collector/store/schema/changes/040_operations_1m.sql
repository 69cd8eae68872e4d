ALTER TABLE operations_1m $on_cluster
    ADD COLUMN IF NOT EXISTS Environment LowCardinality(String) AFTER IsEntry,
    MODIFY ORDER BY (Minute, ServiceName, SpanName, SpanKind, IsEntry, Slice, Version % 2, Environment)
