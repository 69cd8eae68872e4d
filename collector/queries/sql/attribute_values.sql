-- The values of one property of recent spans that have the text in them: those that begin with it first, then the most frequent.
SELECT value, count() AS spans
FROM (SELECT arrayJoin(found)::String AS value FROM $recent)
WHERE value != '' AND length(value) <= {max_bytes:UInt32} AND positionCaseInsensitiveUTF8(value, {text:String}) > 0
GROUP BY value
ORDER BY positionCaseInsensitiveUTF8(value, {text:String}) = 1 DESC, spans DESC, value
LIMIT {limit:UInt32}
