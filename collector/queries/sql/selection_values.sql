-- How many of the selected spans, and of the others, have each value of each property: of a share of either, chosen by id.
-- The first row, without a name, counts the spans. What one span has is no pattern. A span's own attribute hides that of its resource.
SELECT place, name, value, countIf(is_selected) AS selected, count() - selected AS rest
FROM (
    SELECT is_selected, found.1 AS place, found.2 AS name, found.3 AS value
    FROM (
        SELECT
            is_selected,
            arrayJoin(arrayConcat(
                [('', '', ''), ('field', 'service', ServiceName::String), ('field', 'operation', SpanName::String),
                 ('field', 'kind', lower(SpanKind)), ('field', 'status', lower(StatusCode))],
                arrayMap((key, text) -> ('attribute', key::String, text), mapKeys(SpanAttributes), mapValues(SpanAttributes)),
                arrayMap((key, text) -> ('attribute', key::String, text),
                    mapKeys(own_resource) AS own_keys, mapValues(own_resource)))) AS found
        FROM (
            SELECT
                $selected AS is_selected, ServiceName, SpanName, SpanKind, StatusCode, SpanAttributes,
                mapFilter((key, text) -> key != 'service.name' AND NOT mapContains(SpanAttributes, key), ResourceAttributes) AS own_resource
            FROM $spans
            WHERE $looked_at
                AND cityHash64(TraceId, SpanId) % 1000000 < if($selected, {selected_in_million:UInt32}, {rest_in_million:UInt32})
        )
    )
)
WHERE length(value) <= {max_bytes:UInt32}
GROUP BY place, name, value
HAVING selected > 1
ORDER BY name != '', selected / {selected_spans:Float64} - rest / {rest_spans:Float64} DESC, name, value
LIMIT 1000
