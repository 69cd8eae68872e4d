"""Where questions read from: our own roll-ups where they are, else the exporter's tables, in the same shape.

A ClickHouse that a standard OpenTelemetry Collector fills has `otel_traces` without our extra columns and no roll-ups. The
same questions are then answered from its spans, with the columns that ours has stored computed on the way.
"""

from collector.conventions import sql as conventions
from collector.store.engine import Store

OF_MINUTES = "Timestamp >= {from_minute:DateTime} AND Timestamp < {to_minute:DateTime} + 60"
"""Of a table of spans, those of the minutes {from_minute} to {to_minute}, in words that its partitions and keys understand."""

_STATE = "quantilesDDState(0.01, 0.5, 0.95, 0.99)(Duration)"


def operations(store: Store) -> str:
    """A FROM item with the columns of operations_1m, of the minutes {from_minute} to {to_minute}."""
    return f"({_rollup('operations_1m')})" if store.has_rollups else f"({_operations_of_spans(store)})"


def edges(store: Store) -> str:
    """A FROM item with the columns of service_edges_1m. Needs roll-ups; see `topology.find_edges` for the other way."""
    return f"({_rollup('service_edges_1m')})"


def call_spans(store: Store) -> str:
    """A FROM item with the columns of the view call_spans."""
    return "call_spans" if store.has_call_columns else f"({_CALL_SPANS_OF_EXPORTER})"


def spans(store: Store) -> str:
    """A FROM item with the columns that otel_traces has in every store, and PeerKind, Peer and IsRejected."""
    return "otel_traces" if store.has_call_columns else f"({_SPANS_OF_EXPORTER})"


def _rollup(table: str) -> str:
    return f"""SELECT * FROM {table}
        WHERE Minute >= {{from_minute:DateTime}} AND Minute <= {{to_minute:DateTime}} AND {_CLOSED[table]} AND (Minute, Version) IN (
            SELECT Minute, max(Version) FROM {table}
            WHERE Minute >= {{from_minute:DateTime}} AND Minute <= {{to_minute:DateTime}} AND NOT {_CLOSED[table]} GROUP BY Minute)"""


_CLOSED = {"operations_1m": "(ServiceName != '')", "service_edges_1m": "(Source != '')"}


def _operations_of_spans(store: Store) -> str:
    return f"""SELECT Minute, ServiceName, SpanName, SpanKind, SpanKind IN ('Server', 'Consumer') OR ParentKey = 0 AS IsEntry,
            count() AS Calls, countIf(IsError AND NOT IsRejected) AS Errors, countIf(IsRejected) AS Rejected, {_STATE} AS DurationSketch
        FROM (
            SELECT * FROM {call_spans(store)} AS spans
            WHERE {OF_MINUTES}
            ORDER BY SpanKey, ServiceName, Timestamp, Duration DESC, IsError DESC, IsRejected DESC
            LIMIT 1 BY SpanKey, ServiceName, Minute)
        GROUP BY Minute, ServiceName, SpanName, SpanKind, IsEntry"""


_WORDS = conventions.words()
_SPANS_OF_EXPORTER = f"""SELECT *, {_WORDS["peer"]} AS Peer
    FROM (SELECT *, {_WORDS["peer_kind"]} AS PeerKind, {_WORDS["is_rejected"]} AS IsRejected
    FROM (SELECT *, {_WORDS["positions"]}
    FROM (SELECT *, {_WORDS["concepts"]} AS concepts
    FROM (SELECT *, mapKeys(SpanAttributes) AS names, mapValues(SpanAttributes) AS texts FROM otel_traces))))"""
_CALL_SPANS_OF_EXPORTER = f"""SELECT
        toStartOfMinute(Timestamp) AS Minute, Timestamp, TraceId,
        cityHash64(TraceId, SpanId) AS SpanKey,
        if(ParentSpanId = '', 0, cityHash64(TraceId, ParentSpanId)) AS ParentKey,
        arrayMap((trace_id, span_id) -> cityHash64(trace_id, span_id), `Links.TraceId`, `Links.SpanId`) AS LinkKeys,
        ServiceName, SpanName, SpanKind, PeerKind, Peer, toUInt64(Duration) AS Duration, StatusCode = 'Error' AS IsError, IsRejected
    FROM ({_SPANS_OF_EXPORTER})"""
