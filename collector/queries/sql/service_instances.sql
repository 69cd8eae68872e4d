SELECT
    ServiceName AS name,
    argMax(ServiceNamespace, LastSeen) AS namespace,
    groupUniqArrayIf(100)(Environment, Environment != '') AS environments,
    groupUniqArrayIf(100)(ServiceVersion, ServiceVersion != '') AS versions,
    groupUniqArrayIf(1000)(ServiceInstanceId, ServiceInstanceId != '') AS instances,
    toUnixTimestamp64Nano(max(LastSeen)) AS seen_ns
FROM $instances AS instances
WHERE $of_environment
  AND ({namespace:String} = '' OR ServiceNamespace = {namespace:String})
GROUP BY name
