-- The same of several traces, each whole; the last may be cut.
SELECT
    TraceId AS trace,
    $columns
FROM $spans AS spans
WHERE TraceId IN {trace_ids:Array(String)}
  AND substring(TraceId, 31, 2) IN (SELECT substring(arrayJoin({trace_ids:Array(String)}), 31, 2)) -- part of our sorting key
ORDER BY TraceId, Timestamp, SpanId, ServiceName
LIMIT 1 BY TraceId, SpanId, ServiceName
LIMIT {limit:UInt32}
