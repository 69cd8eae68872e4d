-- What the series of new points are, of those that are not known yet.
SELECT
    $series AS series, any(MetricName) AS metric, any(ScopeName) AS scope, any(ServiceName) AS service,
    any(ResourceAttributes['service.namespace']) AS namespace, any(ResourceAttributes['service.instance.id']) AS instance,
    any(Attributes) AS attributes
FROM $table
WHERE $new AND match(lower(MetricName), {metric_names:String}) AND ({all:Bool} OR series IN {unknown:Array(String)})
GROUP BY series
