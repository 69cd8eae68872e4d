-- Of each series of a service's metrics of guards: its last value, and by how much it rose in the window. A counter that began
-- anew rises by what it has.
SELECT
    any(MetricName) AS metric, any(Attributes) AS attributes, any(ResourceAttributes['service.instance.id']) AS instance,
    arraySort(groupArray(20000)((toUnixTimestamp64Nano(TimeUnix), toFloat64(Value)))) AS points, points[-1].2 AS last,
    arrayMap(point -> point.2, points) AS numbers,
    if(any(toUInt8($temporality)) = 1, arraySum(numbers),
       arraySum(arrayMap((now, before) -> if(now < before, now, now - before), arrayPopFront(numbers), arrayPopBack(numbers)))
       + if(toUnixTimestamp64Nano(min(StartTimeUnix)) >= {start_ns:Int64}, numbers[1], 0)) AS rise
FROM $table
WHERE ServiceName = {service:String} AND match(lower(MetricName), {metric_names:String}) AND NOT bitTest(Flags, 0)
  AND TimeUnix >= fromUnixTimestamp64Nano({start_ns:Int64}) AND TimeUnix < fromUnixTimestamp64Nano({end_ns:Int64})
GROUP BY $series
ORDER BY metric, instance
LIMIT {limit:UInt32}
