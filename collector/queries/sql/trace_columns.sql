-- What a trace's views need of every span, earliest first; a span that was sent twice once.
SELECT
    $columns
FROM $spans AS spans
WHERE TraceId = {trace_id:String} AND substring(TraceId, 31, 2) = substring({trace_id:String}, 31, 2) -- part of our sorting key
ORDER BY Timestamp, SpanId, ServiceName
LIMIT 1 BY SpanId, ServiceName
LIMIT {limit:UInt32}
SETTINGS max_threads = 1 -- as for the spans themselves
