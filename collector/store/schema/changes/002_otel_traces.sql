-- On one node this is the table itself, which has it by now.
ALTER TABLE otel_traces $on_cluster
    ADD COLUMN IF NOT EXISTS Environment LowCardinality(String) DEFAULT $environment
