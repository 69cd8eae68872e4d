-- What pairing calls needs of a span, with hashed ids. A view, not a table: stored rows in this form would cost some 20 bytes
-- and 1 µs of every span (estimated) for what the roll-up job computes from one range of otel_traces when it needs it.
CREATE VIEW IF NOT EXISTS call_spans $on_cluster AS
SELECT
    toStartOfMinute(Timestamp) AS Minute,
    Timestamp,
    TraceId,
    cityHash64(TraceId, SpanId) AS SpanKey,
    if(ParentSpanId = '', 0, cityHash64(TraceId, ParentSpanId)) AS ParentKey,
    arrayMap((trace_id, span_id) -> cityHash64(trace_id, span_id), `Links.TraceId`, `Links.SpanId`) AS LinkKeys,
    ServiceName,
    Environment,
    SpanName,
    SpanKind,
    PeerKind,
    Peer,
    Duration,
    StatusCode = 'Error' AS IsError,
    IsRejected
FROM otel_traces
