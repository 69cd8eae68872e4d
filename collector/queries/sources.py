"""Where questions read from: our own roll-ups where they are, else the exporter's tables, in the same shape.

A ClickHouse that a standard OpenTelemetry Collector fills has `otel_traces` without our extra columns and no roll-ups.
The same questions are then answered from its spans, with the columns that ours has stored computed on the way.
"""

from collector.conventions import sql as conventions
from collector.queries.statements import part
from collector.store.engine import Store


def operations(store: Store) -> str:
    """A FROM item with the columns of operations_1m, of the minutes {from_minute} to {to_minute}."""
    if store.has_rollups:
        return part("complete_minutes", table="operations_1m", key="ServiceName")
    return part("operations_of_spans", call_spans=call_spans(store), of_minutes=part("of_minutes"))


def edges(store: Store) -> str:
    """A FROM item with the columns of service_edges_1m. Needs roll-ups; see `topology.find_edges` for the other way."""
    return part("complete_minutes", table="service_edges_1m", key="Source")


def call_spans(store: Store) -> str:
    """A FROM item with the columns of the view call_spans."""
    return "call_spans" if store.has_call_columns else part("exporter_call_spans", spans=spans(store))


def spans(store: Store) -> str:
    """A FROM item with the columns that otel_traces has in every store, and PeerKind, Peer and IsRejected."""
    if store.has_call_columns:
        return "otel_traces"
    words = conventions.words()
    names = ("peer", "peer_kind", "is_rejected", "positions", "concepts")
    return part("exporter_spans", **{name: words[name] for name in names})
