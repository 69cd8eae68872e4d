CREATE MATERIALIZED VIEW IF NOT EXISTS dirty_minutes_mark $on_cluster TO dirty_minutes AS
SELECT toStartOfMinute(Timestamp) AS Minute, any(rand64()) AS Mark, 1 AS Sign
FROM otel_traces
GROUP BY Minute
