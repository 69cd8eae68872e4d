SELECT SpanName AS name, lower(SpanKind) AS kind,
$red
FROM $operations AS operations
WHERE ServiceName = {service:String} AND $of_environment
GROUP BY name, kind
ORDER BY calls DESC, name, kind
LIMIT 1000
