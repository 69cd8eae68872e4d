-- Traces that consumers of the minutes in hand link to.
SELECT DISTINCT arrayJoin(`Links.TraceId`) AS TraceId FROM otel_traces
WHERE toStartOfMinute(Timestamp) IN {minutes:Array(DateTime)} AND notEmpty(`Links.TraceId`) AND TraceId >= {from_trace:String} AND TraceId < {to_trace:String}
LIMIT {limit:UInt32}
