-- What each service was asked: server and consumer spans, and roots.
SELECT ServiceName AS name,
$red
FROM $services AS services
WHERE $of_environment
GROUP BY name
SETTINGS max_threads = 1 -- a few thousand sketches: threads cost more than they share
