ALTER TABLE service_instances_1m $on_cluster
    ADD COLUMN IF NOT EXISTS FirstSeen SimpleAggregateFunction(min, DateTime64(9)) DEFAULT LastSeen CODEC(ZSTD(1)) AFTER Environment
