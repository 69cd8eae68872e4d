-- What each service was asked: server and consumer spans, and roots.
SELECT ServiceName AS name,
$red
FROM $operations AS operations
WHERE IsEntry
GROUP BY name
