-- Changes of status, newest first: of services and instances in all; asked for an environment, of services there too.
SELECT AtNs AS at_ns, Service AS service, Namespace AS namespace, Instance AS instance, Environment AS environment,
    FromStatus AS from_status, ToStatus AS to_status, Reasons AS reasons
FROM health_changes
WHERE AtNs >= {start_ns:Int64} AND AtNs < {end_ns:Int64} AND ({service:String} = '' OR Service = {service:String})
  AND Environment IN ('', {environment:String})
ORDER BY at_ns DESC, service, instance
LIMIT {limit:UInt32}
