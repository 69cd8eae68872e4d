-- Changes of breakers' states, newest first. A row's key is at most some minutes after the time that was found later.
SELECT
    AtNs AS at_ns, KeyNs AS key_ns, BreakerId AS id, Service AS service, Namespace AS namespace, Name AS name, Target AS target, Instance AS instance,
    FromState AS from_state, ToState AS to_state, Reason AS reason, TraceId AS trace_id, SpanId AS span_id, Precision AS precision, Source AS source
FROM breaker_transitions FINAL
WHERE KeyNs >= {start_ns:Int64} AND KeyNs < {end_ns:Int64} + 600000000000 AND AtNs >= {start_ns:Int64} AND AtNs < {end_ns:Int64}
  AND ({service:String} = '' OR Service = {service:String}) AND ({name:String} = '' OR Name = {name:String})
  AND (empty({ids:Array(String)}) OR BreakerId IN {ids:Array(String)})
ORDER BY at_ns DESC, key_ns DESC
LIMIT {limit:UInt32}
