CREATE MATERIALIZED VIEW IF NOT EXISTS service_instances_unfold $on_cluster TO service_instances_1m AS
WITH
    (v) -> substring(v, 3 + (length(v) > 129) + (length(v) > 16386)) AS any_bytes
SELECT
    toStartOfMinute(LastSeen) AS Minute,
    if(service = '', 'unknown_service', service) AS ServiceName,
    any_bytes(values[indexOf(names, 'service.namespace')]) AS ServiceNamespace,
    any_bytes(values[indexOf(names, 'service.version')]) AS ServiceVersion,
    any_bytes(values[indexOf(names, 'service.instance.id')]) AS ServiceInstanceId,
    if(environment = '', any_bytes(values[indexOf(names, 'deployment.environment')]), environment) AS Environment,
    FirstSeen,
    LastSeen
FROM (
    SELECT
        *,
        any_bytes(values[indexOf(names, 'service.name')]) AS service,
        any_bytes(values[indexOf(names, 'deployment.environment.name')]) AS environment,
        fromUnixTimestamp64Nano(toInt64(arrayMin(starts_ns))) AS FirstSeen,
        fromUnixTimestamp64Nano(toInt64(arrayMax(starts_ns))) AS LastSeen
    FROM (
        SELECT
            rs.resource.attributes.key AS names,
            rs.resource.attributes.value AS values,
            arrayFlatten(rs.scope_spans.spans.start_time_unix_nano) AS starts_ns
        FROM (SELECT arrayJoin(resource_spans) AS rs FROM otlp_traces_inbox)
    )
    WHERE notEmpty(starts_ns)
)
