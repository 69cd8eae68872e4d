-- Points of health metrics in new rows: the last of each series.
SELECT
    toString(cityHash64(MetricName, ScopeName, ResourceAttributes, Attributes)) AS series, any(MetricName) AS metric,
    any(ResourceAttributes) AS resource, any(Attributes) AS attributes,
    any(toUInt8($temporality)) AS temporality, argMax((toUnixTimestamp64Nano(TimeUnix), toFloat64(Value)), TimeUnix) AS last
FROM $table
WHERE $new AND match(lower(MetricName), {metric_names:String}) AND NOT bitTest(Flags, 0)
GROUP BY series
ORDER BY last.1
