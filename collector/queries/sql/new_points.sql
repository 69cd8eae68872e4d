-- Points of breakers' metrics in new rows, by series. Points that say "no value" (flag 1) are left out.
SELECT
    $series AS series, any(toUInt8($temporality)) AS temporality,
    groupArray(10000)((toUnixTimestamp64Nano(TimeUnix), toUnixTimestamp64Nano(StartTimeUnix), toFloat64($value))) AS points
FROM $table
WHERE $new AND match(lower(MetricName), {metric_names:String}) AND NOT bitTest(Flags, 0)
GROUP BY series
