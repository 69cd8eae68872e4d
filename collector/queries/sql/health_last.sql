-- The last known status of each service and instance, and of each service in an environment, for a job that starts.
SELECT Service AS service, Instance AS instance, Environment AS environment, argMax(ToStatus, AtNs) AS status
FROM health_changes
WHERE AtNs >= {start_ns:Int64}
GROUP BY service, instance, environment
