-- The same as service_instances.sql, where there are only spans.
SELECT
    ServiceName AS name,
    argMax(ResourceAttributes['service.namespace'], Timestamp) AS namespace,
    groupUniqArrayIf(100)(ResourceAttributes['service.version'] AS version, version != '') AS versions,
    groupUniqArrayIf(1000)(ResourceAttributes['service.instance.id'] AS instance, instance != '') AS instances
FROM otel_traces
WHERE $of_minutes
GROUP BY name
