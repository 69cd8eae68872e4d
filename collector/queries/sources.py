"""Where questions read from: our own roll-ups where they are, else the exporter's tables, in the same shape.

A ClickHouse that a standard OpenTelemetry Collector fills has `otel_traces` without our extra columns and no roll-ups.
The same questions are then answered from its spans, with the columns that ours has stored computed on the way.
"""

from datetime import timedelta

from collector.conventions import sql as conventions
from collector.queries.statements import part
from collector.queries.time_range import TimeRange
from collector.store.engine import Store

_RED = "Calls, Errors, Rejected, DurationSketch"


def operations(store: Store) -> str:
    """A FROM item with the columns of operations_1m, of the minutes {from_minute} to {to_minute}."""
    if store.has_rollups:
        return part("complete_minutes", table="operations_1m")
    return part("operations_of_spans", call_spans=call_spans(store), of_minutes=part("of_minutes"))


def services(store: Store) -> str:
    """A FROM item with the columns of services_1m, of the minutes {from_minute} to {to_minute}."""
    if store.has_rollups:
        return part("complete_minutes", table="services_1m")
    return part("entries_of_operations", operations=operations(store))


def services_of(store: Store, window: TimeRange) -> str:
    """Calls, errors, rejected and sketches of entries by service: rows of minutes or hours that make up the window."""
    if store.has_rollups and _may_hold_an_hour(window):
        return _with_hours("services", f"ServiceName, {_RED}")
    return services(store)


def edges_of(window: TimeRange) -> str:
    """Calls, errors, rejected and sketches by edge: rows of minutes or hours that make up the window.

    Needs roll-ups; see `topology.find_edges` for the other way.
    """
    if _may_hold_an_hour(window):
        return _with_hours("service_edges", f"Source, SourceKind, Target, TargetKind, {_RED}")
    return edges()


def edges() -> str:
    """A FROM item with the columns of service_edges_1m. Needs roll-ups."""
    return part("complete_minutes", table="service_edges_1m")


def _with_hours(name: str, columns: str) -> str:
    minutes = part("complete_minutes", table=f"{name}_1m")
    whole_hours = part("whole_hours")
    return part("complete_hours", table=f"{name}_1h", minutes=minutes, whole_hours=whole_hours, columns=columns)


def _may_hold_an_hour(window: TimeRange) -> bool:
    first, last = window.minutes["from_minute"], window.minutes["to_minute"]
    return last - first >= timedelta(minutes=59)


def call_spans(store: Store) -> str:
    """A FROM item with the columns of the view call_spans."""
    return "call_spans" if store.has_call_columns else part("exporter_call_spans", spans=spans(store))


def spans(store: Store) -> str:
    """A FROM item with the columns that otel_traces has in every store, and PeerKind, Peer and IsRejected."""
    if store.has_call_columns:
        return "otel_traces"
    words = conventions.words()
    names = ("peer", "peer_kind", "is_rejected", "concepts")
    return part("exporter_spans", **{name: words[name] for name in names})
