-- Rows that are there get the value from their resource when they are read, and keep it when they are merged.
ALTER TABLE otel_traces$local $on_cluster
    ADD COLUMN IF NOT EXISTS Environment LowCardinality(String) DEFAULT $environment CODEC(ZSTD(1))
