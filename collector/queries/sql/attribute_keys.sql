-- The sets of attribute keys that recent spans have; there are few of them.
SELECT on_span, on_resource, count() AS spans
FROM $recent
GROUP BY on_span, on_resource
ORDER BY spans DESC
LIMIT 10000
