-- What each service was asked: server and consumer spans, and roots.
SELECT ServiceName AS name,
$red
FROM $services AS services
GROUP BY name
