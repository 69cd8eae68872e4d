-- Last: a store with this column has all of these changes.
ALTER TABLE services_1m $on_cluster
    ADD COLUMN IF NOT EXISTS Environment LowCardinality(String) AFTER ServiceName,
    MODIFY ORDER BY (Minute, ServiceName, Version % 2, Environment)
