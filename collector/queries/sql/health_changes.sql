-- Changes of status, newest first.
SELECT AtNs AS at_ns, Service AS service, Instance AS instance, FromStatus AS from_status, ToStatus AS to_status, Reasons AS reasons
FROM health_changes
WHERE AtNs >= {start_ns:Int64} AND AtNs < {end_ns:Int64} AND ({service:String} = '' OR Service = {service:String})
ORDER BY at_ns DESC, service, instance
LIMIT {limit:UInt32}
