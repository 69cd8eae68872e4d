"""Where questions read from: our own roll-ups where they are, else the exporter's tables, in the same shape.

A ClickHouse that a standard OpenTelemetry Collector fills has `otel_traces` without our extra columns and no roll-ups.
The same questions are then answered from its spans, with the columns that ours has stored computed on the way.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from clickhouse_connect.driver.exceptions import ClickHouseError

from collector.conventions import sql as conventions
from collector.errors import NotFound
from collector.queries.pieces import MINUTE_S, STRETCHES_S, Pieces, put_together
from collector.queries.statements import part, statement
from collector.queries.time_range import TimeRange
from collector.store.engine import Row, Store, error_code
from collector.store.uploads import Upload, Uploads

_RED = "Calls, Errors, Rejected, DurationSketch"
MOST_NAMED = 2000
"""Minutes, so that a statement's values fit into the address of a request; there are more only while hours are behind."""
_NO_TABLE = {60, 218}  # it is unknown, or was dropped since the statement began


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


def instances(store: Store) -> str:
    """A FROM item with the columns of service_instances_1m but Minute, of the minutes {from_minute} to {to_minute}."""
    if store.has_rollups:
        return part("instances_of_minutes")
    return part("instances_of_spans", of_minutes=part("of_minutes"), environment=conventions.environment())


@dataclass(frozen=True, slots=True)
class SpanSource:
    """Where the spans of a trace are read from: a FROM item of an engine, with the values that it binds."""

    store: Store
    spans: str
    parameters: dict[str, Any]
    has_own_columns: bool
    """Whether it has the columns of our schema, or only those of the exporter's."""
    gone: str = ""
    """What to say when its table is not there any more; empty where that cannot be."""

    def query(self, sql: str, parameters: Mapping[str, Any]) -> list[Row]:
        """As `Store.query`, with the source's own values bound too. Raises NotFound when it is gone."""
        with self._reading():
            return self.store.query(sql, {**self.parameters, **parameters})

    def query_arrow(self, sql: str, parameters: Mapping[str, Any]) -> Any:
        """As `Store.query_arrow`, likewise."""
        with self._reading():
            return self.store.query_arrow(sql, {**self.parameters, **parameters})

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except ClickHouseError as error:
            if self.gone and error_code(error) in _NO_TABLE:
                raise NotFound(self.gone) from error
            raise


def stored(store: Store) -> SpanSource:
    return SpanSource(store, spans(store), {}, store.has_call_columns)


def uploaded(upload: Upload) -> SpanSource:
    gone = f"upload {upload.token} was dropped while it was read: newer ones took its place, or its time was over"
    return SpanSource(upload.store, Uploads.SPANS, {"upload": upload.token}, True, gone)


@dataclass(frozen=True, slots=True)
class RolledUp:
    """A window, and the roll-ups that it is put together from; None where they are too many to be named, or not there."""

    window: TimeRange
    pieces: Pieces | None

    @property
    def parameters(self) -> dict[str, Any]:
        if self.pieces is None:
            return dict(self.window.minutes)
        return self.pieces.parameters


def rolled_up(store: Store, window: TimeRange) -> RolledUp:
    """Look once for several questions: looking costs 4 ms, and within each of their statements more."""
    pieces = pieces_of(store, window) if store.has_rollups else None
    return RolledUp(window, pieces if pieces is not None and len(pieces.minutes) <= MOST_NAMED else None)


def pieces_of(store: Store, *windows: TimeRange, within_s: int = 2 * STRETCHES_S[-1]) -> Pieces:
    """What is rolled up of the minutes that the windows touch, each put together by itself of stretches shorter than `within_s`.

    They should be near one another: they are looked at as one.
    """
    bounds = [window.minutes for window in windows]
    hull = {
        "from_minute": min(one["from_minute"] for one in bounds),
        "to_minute": max(one["to_minute"] for one in bounds),
    }
    rows = store.query(statement("versions"), {**hull, "within": within_s})
    minutes = {row["start_s"]: row["version"] for row in rows if row["seconds"] == MINUTE_S}
    stretches = [(row["seconds"], row["start_s"], row["version"]) for row in rows if row["seconds"] != MINUTE_S]
    each = [put_together(minutes, stretches, *(int(minute.timestamp()) for minute in one.values())) for one in bounds]
    return Pieces(
        [one for pieces in each for one in pieces.minutes], [one for pieces in each for one in pieces.stretches]
    )


def services_of(store: Store, rolled: RolledUp) -> str:
    """Calls, errors, rejected and sketches of entries by service: rows of the pieces that make up the window."""
    return services(store) if rolled.pieces is None else service_pieces()


def edges_of(rolled: RolledUp) -> str:
    """The same by edge. Needs roll-ups; see `topology.find_edges` for the other way."""
    return edges() if rolled.pieces is None else edge_pieces()


def edges() -> str:
    """A FROM item with the columns of service_edges_1m. Needs roll-ups."""
    return part("complete_minutes", table="service_edges_1m")


def service_pieces() -> str:
    """A FROM item: rows of {minutes} and {stretches}, as in `Pieces`, with the time of each as Begin."""
    return part("pieces", table="services", columns=f"ServiceName, Environment, {_RED}")


def edge_pieces() -> str:
    ends = "Source, SourceKind, Target, TargetKind, SourceEnvironment, TargetEnvironment"
    return part("pieces", table="service_edges", columns=f"{ends}, {_RED}")


def call_spans(store: Store) -> str:
    """A FROM item with the columns of the view call_spans."""
    return "call_spans" if store.has_call_columns else part("exporter_call_spans", spans=spans(store))


def calls_of_traces(store: Store) -> str:
    """The same, of the traces {ids} within the minutes {from_minute} to {to_minute}."""
    return part("calls_of_traces", call_spans=call_spans(store), of_minutes=part("of_minutes"))


def services_of_traces(store: Store) -> str:
    """A FROM item with the columns of services_1m, of these traces alone."""
    calls = part("operations_of_spans", call_spans=calls_of_traces(store), of_minutes=part("of_minutes"))
    return part("entries_of_operations", operations=calls)


def spans(store: Store) -> str:
    """A FROM item with the columns that otel_traces has in every store, and PeerKind, Peer, IsRejected and Environment."""
    if store.has_call_columns:
        return "otel_traces"
    words = conventions.words()
    names = ("peer", "peer_kind", "is_rejected", "concepts", "environment")
    return part("exporter_spans", **{name: words[name] for name in names})


def environment(store: Store) -> str:
    """The environment of a row of otel_traces itself, as an expression."""
    return "Environment" if store.has_call_columns else conventions.environment()
