-- Traces of the minutes in hand that have a call whose other half is not in these minutes.
WITH here AS (
    SELECT * FROM call_spans
    WHERE Minute IN {minutes:Array(DateTime)} AND TraceId >= {from_trace:String} AND TraceId < {to_trace:String}
)
SELECT DISTINCT TraceId FROM here
WHERE (ParentKey != 0 AND ParentKey NOT IN (SELECT SpanKey FROM here))
   OR (SpanKind = 'Client' AND SpanKey NOT IN (SELECT ParentKey FROM here))
LIMIT {limit:UInt32}
