-- New health reports that tell of breakers.
SELECT AtNs AS at_ns, Service AS service, Namespace AS namespace, Instance AS instance, Checks AS checks
FROM health_reports
WHERE $new AND Format = {format:String} AND position(Checks, {component:String}) > 0
ORDER BY at_ns
LIMIT 10000
