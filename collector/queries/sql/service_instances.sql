SELECT
    ServiceName AS name,
    argMax(ServiceNamespace, LastSeen) AS namespace,
    groupUniqArrayIf(100)(Environment, Environment != '') AS environments,
    groupUniqArrayIf(100)(ServiceVersion, ServiceVersion != '') AS versions,
    groupUniqArrayIf(1000)(ServiceInstanceId, ServiceInstanceId != '') AS instances
FROM $instances AS instances
GROUP BY name
