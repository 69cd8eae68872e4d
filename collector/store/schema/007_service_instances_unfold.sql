CREATE MATERIALIZED VIEW IF NOT EXISTS service_instances_unfold $on_cluster TO service_instances_1m AS
WITH
    $decoders
SELECT toStartOfMinute(LastSeen) AS Minute, ServiceName, ServiceNamespace, ServiceVersion, ServiceInstanceId, Environment, LastSeen
FROM (
    SELECT
        attribute_map(rs.resource.attributes) AS resource,
        if(resource['service.name'] = '', 'unknown_service', resource['service.name']) AS ServiceName,
        resource['service.namespace'] AS ServiceNamespace,
        resource['service.version'] AS ServiceVersion,
        resource['service.instance.id'] AS ServiceInstanceId,
        if(resource['deployment.environment.name'] = '', resource['deployment.environment'], resource['deployment.environment.name']) AS Environment,
        arrayMax(ss -> arrayMax(ss.spans.start_time_unix_nano), rs.scope_spans) AS last_ns,
        fromUnixTimestamp64Nano(toInt64(last_ns)) AS LastSeen
    FROM (SELECT arrayJoin(resource_spans) AS rs FROM otlp_traces_inbox)
    WHERE last_ns > 0
)
