CREATE MATERIALIZED VIEW IF NOT EXISTS otlp_metrics_unfold_each $on_cluster TO otlp_metrics_each AS
WITH
    $decoders
$metrics_each
