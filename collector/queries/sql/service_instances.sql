SELECT
    ServiceName AS name,
    argMax(ServiceNamespace, LastSeen) AS namespace,
    groupUniqArrayIf(100)(ServiceVersion, ServiceVersion != '') AS versions,
    groupUniqArrayIf(1000)(ServiceInstanceId, ServiceInstanceId != '') AS instances
FROM service_instances_1m
WHERE Minute >= {from_minute:DateTime} AND Minute <= {to_minute:DateTime}
GROUP BY name
