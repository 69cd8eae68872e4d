-- Whether any span id is there twice, among the spans that the slice in hand needs.
SELECT count() > uniqExact(SpanKey) AS has_copies FROM call_spans
WHERE (Minute IN {minutes:Array(DateTime)} AND substring(TraceId, 31, 2) >= {from_trace:String} AND substring(TraceId, 31, 2) < {to_trace:String}) OR ($elsewhere)
