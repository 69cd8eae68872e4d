ALTER TABLE services_1m $on_cluster
    ADD COLUMN IF NOT EXISTS Environment LowCardinality(String) AFTER ServiceName,
    MODIFY ORDER BY (Minute, ServiceName, Version % 2, Environment)
