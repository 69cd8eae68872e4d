ALTER TABLE service_edges_1m $on_cluster
    ADD COLUMN IF NOT EXISTS SourceEnvironment LowCardinality(String) AFTER TargetKind,
    ADD COLUMN IF NOT EXISTS TargetEnvironment LowCardinality(String) AFTER SourceEnvironment,
    MODIFY ORDER BY (Minute, Source, SourceKind, Target, TargetKind, Slice, Version % 2, SourceEnvironment, TargetEnvironment)
