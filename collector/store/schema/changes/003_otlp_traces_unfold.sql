ALTER TABLE otlp_traces_unfold $on_cluster MODIFY QUERY
$unfold_traces
