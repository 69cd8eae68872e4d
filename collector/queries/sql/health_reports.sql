-- The last report of each instance, kind and source up to a moment.
SELECT
    Service AS service, Namespace AS namespace, Instance AS instance, Kind AS kind, Source AS source, max(AtNs) AS at_ns,
    argMax((Status, RawStatus, IsMaintenance, Format, HttpCode, Checks, Output, ExpiresNs), AtNs) AS report
FROM health_reports
WHERE AtNs >= {start_ns:Int64} AND AtNs <= {at_ns:Int64}
GROUP BY service, namespace, instance, kind, source
ORDER BY service, instance, at_ns DESC
LIMIT {limit:UInt32}
