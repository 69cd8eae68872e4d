ALTER TABLE services_stretches $on_cluster
    ADD COLUMN IF NOT EXISTS Environment LowCardinality(String) AFTER ServiceName,
    MODIFY ORDER BY (Seconds, Start, ServiceName, Environment)
