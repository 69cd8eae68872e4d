-- Whether any span id is there twice, among the spans that the slice in hand needs.
SELECT count() > uniqExact(SpanKey) AS has_copies FROM call_spans
WHERE ($in_hand) OR ($elsewhere)
