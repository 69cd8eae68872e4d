-- The last known status of each service and instance, for a job that starts.
SELECT Service AS service, Instance AS instance, argMax(ToStatus, AtNs) AS status
FROM health_changes
WHERE AtNs >= {start_ns:Int64}
GROUP BY service, instance
