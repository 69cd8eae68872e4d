-- Last: a store with this column has all of these changes.
ALTER TABLE health_changes $on_cluster
    ADD COLUMN IF NOT EXISTS Environment LowCardinality(String) AFTER Instance,
    MODIFY ORDER BY (AtNs, Service, Instance, Environment)
