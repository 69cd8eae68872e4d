"""Spans in, roll-up runs at chosen times, edges out."""

from collections.abc import Iterable
from pathlib import Path

from linker import MINUTE_NS, Counts, Edge, Operation
from otlp_requests import Span, request

from collector.conventions import sql as conventions
from collector.queries import sources
from collector.queries.rollups import RollupJob
from collector.queries.time_range import TimeRange
from collector.settings import Settings
from collector.store.engine import Store

START_NS = 1_700_000_040 * 10**9  # a whole minute; what the tests send begins here or later
_LONG_AFTER_NS = START_NS + 7 * 24 * 60 * MINUTE_NS
_TABLES = ("otel_traces", "dirty_minutes", "service_edges_1m", "operations_1m", "unpaired_calls", "scattered_traces")


class RollupBench:
    def __init__(self, folder: Path) -> None:
        self.settings = Settings(store_url=f"chdb://{folder}", pairing_grace_s=0)
        self.store = Store(self.settings, conventions.words())
        self.clear()

    def close(self) -> None:
        self.store.close()

    def clear(self) -> None:
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
        rows = self.store.query(
            f"""SELECT toUnixTimestamp(Minute) AS s, SourceKind, Source, TargetKind, Target, sum(Calls) AS c, sum(Errors) AS e,
                sum(Rejected) AS r FROM {sources.edges(self.store)} GROUP BY ALL""",
            _ALL.minutes,
        )
        return {
            Edge(row["s"] // 60, row["SourceKind"], row["Source"], row["TargetKind"], row["Target"]): Counts(
                row["c"], row["e"], row["r"]
            )
            for row in rows
        }

    def operations(self) -> dict[Operation, Counts]:
        rows = self.store.query(
            f"""SELECT toUnixTimestamp(Minute) AS s, ServiceName, SpanName, lower(SpanKind) AS kind, IsEntry, sum(Calls) AS c,
                sum(Errors) AS e, sum(Rejected) AS r FROM {sources.operations(self.store)} GROUP BY ALL""",
            _ALL.minutes,
        )
        return {
            Operation(row["s"] // 60, row["ServiceName"], row["SpanName"], row["kind"], row["IsEntry"]): Counts(
                row["c"], row["e"], row["r"]
            )
            for row in rows
        }


_ALL = TimeRange(0, _LONG_AFTER_NS)


def drawn(edges: Iterable[Edge]) -> set[str]:
    """Edges as `source -> kind:target`, services by their name alone."""

    def name(kind: str, of: str) -> str:
        return of if kind == "service" else f"{kind}:{of}" if of else kind

    return {f"{name(edge.source_kind, edge.source)} -> {name(edge.target_kind, edge.target)}" for edge in edges}
