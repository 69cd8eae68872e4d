"""Spans in, roll-up runs at chosen times, edges out."""

from collections.abc import Iterable
from pathlib import Path

from linker import MINUTE_NS, Counts, Edge, Operation
from otlp_requests import Span, request
from random_traces import START_NS

from collector.conventions import sql as conventions
from collector.queries import sources
from collector.queries.rollups import RollupJob
from collector.queries.statements import statement
from collector.queries.time_range import TimeRange
from collector.settings import Settings
from collector.store.engine import Row, Store

_LONG_AFTER_NS = START_NS + 100 * 24 * 60 * MINUTE_NS
_ALL = TimeRange(0, 2**32 * 10**9)
_TABLES = (
    *("otel_traces", "dirty_minutes", "service_edges_1m", "operations_1m", "services_1m", "rolled_up_minutes"),
    *("service_edges_stretches", "services_stretches", "rolled_up_stretches", "unpaired_calls", "scattered_calls"),
)


class RollupBench:
    def __init__(self, folder: Path) -> None:
        self.settings = Settings(store_url=f"chdb://{folder}", pairing_grace_s=0)
        self.store = Store(self.settings, conventions.words())
        self.clear()

    def close(self) -> None:
        self.store.close()

    def clear(self) -> None:
        """No spans, no grace, and a clock that stands long after all that will be sent."""
        for table in _TABLES:
            self.store.command(f"TRUNCATE TABLE {table}")
        self.now_ns = _LONG_AFTER_NS
        self.restart()

    def restart(self) -> None:
        """As a new process would go on."""
        self.job = RollupJob(self.store, self.settings, now_ns=lambda: self.now_ns)

    def send(self, *spans: Span) -> None:
        """One export request."""
        self.store.insert_request("otlp_traces", request(spans).SerializeToString())

    def roll_up(self, *spans: Span) -> dict[Edge, Counts]:
        """Send what is given, recompute what is dirty, and answer what the store says now."""
        if spans:
            self.send(*spans)
        self.job.run_until_clean()
        return self.edges()

    def edges(self) -> dict[Edge, Counts]:
        ends = ("SourceKind", "Source", "TargetKind", "Target", "SourceEnvironment", "TargetEnvironment")
        rows = self._counted(sources.edges(), *ends)
        return {Edge(row["minute"], *(row[end] for end in ends)): _counts(row) for row in rows}

    def operations(self) -> dict[Operation, Counts]:
        names = ("ServiceName", "SpanName", "lower(SpanKind)", "IsEntry", "Environment")
        rows = self._counted(sources.operations(self.store), *names)
        return {Operation(row["minute"], *(row[name] for name in names)): _counts(row) for row in rows}

    def services(self) -> dict[tuple[int, str, str], Counts]:
        rows = self._counted(sources.services(self.store), "ServiceName", "Environment")
        return {(row["minute"], row["ServiceName"], row["Environment"]): _counts(row) for row in rows}

    def map_of(self, environment: str) -> dict[tuple[str, str], Counts]:
        """Calls by their two ends, of all times, as a question for an environment adds them up."""
        rows = self.added_up(environment=environment)["edges"]
        ends = ("source", "target")
        return {(*(f"{row[f'{end}_kind']}:{row[end]}" for end in ends),): _counts(row) for row in rows}

    def asked_of(self, environment: str) -> dict[str, Counts]:
        return {row["name"]: _counts(row) for row in self.added_up(environment=environment)["services"]}

    def added_up(
        self, window: TimeRange = _ALL, *, environment: str = "", from_minutes: bool = False
    ) -> dict[str, list[Row]]:
        """Edges and services of a window and an environment with their percentiles, as questions add them up or from minutes
        only."""
        rolled = sources.RolledUp(window, None) if from_minutes else sources.rolled_up(self.store, window)
        edges, services = sources.edges_of(rolled), sources.services_of(self.store, rolled)
        bounds = {**rolled.parameters, "limit": 10**6, "environment": environment}
        by_service = self.store.query(statement("service_entries", services=services), bounds)
        return {
            "edges": self.store.query(statement("edges_by_ends", edges=edges), bounds),
            "services": sorted(by_service, key=lambda row: str(row["name"])),
        }

    def stretches(self, window: TimeRange = _ALL) -> set[tuple[int, int]]:
        """Those that a window is put together from: their lengths and starts in minutes after START_NS."""
        pieces = sources.pieces_of(self.store, window)
        return {(seconds // 60, (start_s - START_NS // 10**9) // 60) for seconds, start_s, _ in pieces.stretches}

    def _counted(self, source: str, *columns: str) -> list[Row]:
        by = ", ".join(f"{column} AS `{column}`" for column in columns)
        counts = "sum(Calls) AS calls, sum(Errors) AS errors, sum(Rejected) AS rejected"
        sql = f"SELECT intDiv(toUnixTimestamp(Minute), 60) AS minute, {by}, {counts} FROM {source} GROUP BY ALL"  # noqa: S608
        return self.store.query(sql, _ALL.minutes)


def _counts(row: Row) -> Counts:
    return Counts(row["calls"], row["errors"], row["rejected"])


def drawn(edges: Iterable[Edge]) -> set[str]:
    """Edges as `source -> kind:target`; services by their name alone, `unknown` for what has no name."""

    def name(kind: str, of: str) -> str:
        return of if kind == "service" else f"{kind}:{of}" if of else kind

    return {f"{name(edge.source_kind, edge.source)} -> {name(edge.target_kind, edge.target)}" for edge in edges}
