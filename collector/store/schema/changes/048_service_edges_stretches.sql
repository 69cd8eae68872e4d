ALTER TABLE service_edges_stretches $on_cluster
    ADD COLUMN IF NOT EXISTS SourceEnvironment LowCardinality(String) AFTER TargetKind,
    ADD COLUMN IF NOT EXISTS TargetEnvironment LowCardinality(String) AFTER SourceEnvironment,
    MODIFY ORDER BY (Seconds, Start, Source, SourceKind, Target, TargetKind, SourceEnvironment, TargetEnvironment)
