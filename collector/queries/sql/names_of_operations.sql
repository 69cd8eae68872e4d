-- Services or operations of the range that have the text in their name, as attribute_values.sql orders them.
SELECT $column::String AS value, sum(Calls) AS spans
FROM $operations
WHERE $of_environment AND $is_named AND value != '' AND positionCaseInsensitiveUTF8(value, {text:String}) > 0
GROUP BY value
ORDER BY positionCaseInsensitiveUTF8(value, {text:String}) = 1 DESC, spans DESC, value
LIMIT {limit:UInt32}
