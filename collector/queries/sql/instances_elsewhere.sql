-- Instances that ran in other environments only.
SELECT ServiceName AS service, ServiceInstanceId AS instance
FROM $instances AS instances
WHERE ServiceInstanceId != ''
GROUP BY service, instance
HAVING countIf(Environment = {environment:String}) = 0
