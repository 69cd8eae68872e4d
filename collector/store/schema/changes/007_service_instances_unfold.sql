-- It writes a column that its table gets last; nothing is inserted in between.
ALTER TABLE service_instances_unfold $on_cluster MODIFY QUERY
$unfold_instances
