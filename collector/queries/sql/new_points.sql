-- Points of breakers' metrics in new rows, by series. Points that say "no value" (flag 1) are left out.
SELECT
    toString(cityHash64(MetricName, ScopeName, ServiceName, ResourceAttributes['service.namespace'], ResourceAttributes['service.instance.id'], Attributes)) AS series,
    any(MetricName) AS metric, any(ScopeName) AS scope, any(ServiceName) AS service,
    any(ResourceAttributes['service.namespace']) AS namespace, any(ResourceAttributes['service.instance.id']) AS instance,
    any(Attributes) AS attributes, any(toUInt8($temporality)) AS temporality,
    groupArray(10000)((toUnixTimestamp64Nano(TimeUnix), toUnixTimestamp64Nano(StartTimeUnix), toFloat64($value))) AS points
FROM $table
WHERE $new AND match(lower(MetricName), {metric_names:String}) AND NOT bitTest(Flags, 0)
GROUP BY series
