"""Keeps the per-minute roll-ups equal to what a full pass over all spans would give, whatever order spans arrive in.

A commit marks the minutes that it touched as dirty. This job recomputes dirty minutes whole, newest first, and replaces
their rows, so repeating it changes nothing. Three things let a call's halves lie in different minutes:

- traces with an unpaired half (`leftovers`) are looked up in the minutes beside and, up to FAR_TRACES of them that were
  not looked up before, everywhere;
- what stays unpaired is remembered in `unpaired_calls`: when the missing half arrives, in whatever minute, the waiting
  minute becomes dirty again;
- a client span without an answer counts as a call to something external only `pairing_grace_s` after its end, and its
  minute is looked at again then.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from time import monotonic, time_ns
from typing import Any

from clickhouse_connect.driver.exceptions import ClickHouseError

from collector.errors import CollectorError
from collector.queries.statements import statement
from collector.settings import Settings
from collector.store.engine import Store

log = logging.getLogger(__name__)

Minute = datetime
ROLLUP_TABLES = ("operations_1m", "service_edges_1m")  # service_edges_1m last: its closing row says that all is there
SLICE_SPANS = 1_000_000  # spans paired at once; a slice of this size needs about 150 MB
MINUTES_AT_ONCE = 30
NEAR_TRACES = 50_000  # traces looked up in the minutes beside; more than these in flight at once pair when they settle
FAR_TRACES = 1_000  # traces looked up everywhere: 60 ms with 10 million spans stored
_MATERIALIZED = {"enable_materialized_cte": 1}
_ONE_MINUTE = timedelta(minutes=1)
_EVERYTHING = ("", "g")  # no hexadecimal trace id sorts after "g"


@dataclass
class _Searched:
    """Traces of a minute that were looked up everywhere, and those of them that have spans elsewhere."""

    done: set[str] = field(default_factory=set)
    found: set[str] = field(default_factory=set)


class RollupJob:
    """Call `run_once` in a loop, or `start` for a thread that does, woken by `wake` after commits."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        on_change: Callable[[int, list[Minute]], None] = lambda version, minutes: None,
        now_ns: Callable[[], int] = time_ns,
    ) -> None:
        """`on_change(version, minutes)` is called after each run that changed something; versions grow."""
        self._store, self._settings, self._on_change, self._now_ns = store, settings, on_change, now_ns
        self._searched: dict[Minute, _Searched] = {}
        self._unsettled: dict[Minute, int] = {}
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self.version = time_ns()
        self.runs = 0
        self.busy_s = 0.0

    def start(self) -> None:
        self._thread = threading.Thread(target=self._loop, name="rollups", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        self._wake.set()

    def close(self) -> None:
        self._closing.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(30)

    def run_once(self) -> list[Minute]:
        """Recompute up to MINUTES_AT_ONCE dirty minutes; returns them. Safe to repeat and to interrupt."""
        dirty = self._store.query(statement("rollup_dirty"))
        marks = {_utc(row["Minute"]): row["Marks"] for row in dirty}
        now = self._now_ns()
        due = [minute for minute, at_ns in self._unsettled.items() if at_ns <= now]
        minutes = [*marks, *(minute for minute in due if minute not in marks)][:MINUTES_AT_ONCE]
        if not minutes:
            return []
        started = monotonic()
        self.version = max(self.version + 1, time_ns())
        self._recompute(minutes)
        self._mark_those_who_waited(minutes)
        cleaned = [(minute, mark) for minute in minutes for mark in marks.get(minute, [])]
        if cleaned:
            self._run("rollup_clean", {"marks": cleaned})
        self.runs += 1
        self.busy_s += monotonic() - started
        self._on_change(self.version, minutes)
        return minutes

    def run_until_clean(self) -> None:
        """For loads and tests: recompute until no minute is dirty."""
        while self.run_once():
            pass

    def _loop(self) -> None:
        """At most `rollup_share` of the time is spent recomputing, so that heavy ingest is not held up by its own map."""
        while not self._closing.is_set():
            self._wake.wait(timeout=self._settings.rollup_interval_s * 4)
            self._wake.clear()
            started = monotonic()
            try:
                more = bool(self.run_once())
            except (ClickHouseError, CollectorError, OSError) as error:
                log.warning("roll-up failed, will be repeated: %s", str(error).split("\n")[0])
                more = False
            took_s = monotonic() - started
            self._closing.wait(max(self._settings.rollup_interval_s, took_s * (1 / self._settings.rollup_share - 1)))
            if more:
                self._wake.set()

    def _recompute(self, minutes: list[Minute]) -> None:
        settled_ns = self._now_ns() - int(self._settings.pairing_grace_s * 1e9)
        slices = self._slices(minutes)
        for number, (from_trace, to_trace) in enumerate(slices):
            here = {"minutes": minutes, "from_trace": from_trace, "to_trace": to_trace}
            universe = {**here, **self._reach(here, minutes), "version": self.version}
            self._run("rollup_edges", {**universe, "slice": number, "settled_ns": settled_ns})
            self._run("rollup_unpaired", universe)
            self._run("rollup_operations", {**here, "version": self.version, "slice": number})
        for table in ROLLUP_TABLES:
            self._store.command(statement("rollup_close", table=table), {"minutes": minutes, "version": self.version})
        for minute in minutes:
            self._settle_later(minute, settled_ns)

    def _settle_later(self, minute: Minute, settled_ns: int) -> None:
        """A minute that ended after what is settled now is recomputed once when it is settled."""
        end_ns = int((minute + _ONE_MINUTE).timestamp()) * 10**9
        if end_ns > settled_ns and end_ns <= self._now_ns() + 3600 * 10**9:
            self._unsettled[minute] = end_ns + int(self._settings.pairing_grace_s * 1e9)
        else:
            self._unsettled.pop(minute, None)

    def _slices(self, minutes: list[Minute]) -> list[tuple[str, str]]:
        sql = "SELECT count() AS spans FROM otel_traces WHERE toStartOfMinute(Timestamp) IN {minutes:Array(DateTime)}"
        spans = self._store.query(sql, {"minutes": minutes})[0]["spans"]
        count = 1
        while count * SLICE_SPANS < spans and count < 128:
            count *= 2
        edges = ["", *(f"{number * 256 // count:02x}" for number in range(1, count)), "g"]
        return list(pairwise(edges))

    def _reach(self, here: dict[str, Any], minutes: list[Minute]) -> dict[str, Any]:
        """Which traces to read beyond the minutes in hand, and from where."""
        leftovers = self._traces("rollup_leftovers", here, NEAR_TRACES)
        linked = self._traces("rollup_linked_traces", here, FAR_TRACES)
        searched = self._searched.setdefault(minutes[0], _Searched())
        new = [trace for trace in leftovers if trace not in searched.done][:FAR_TRACES]
        searched.found.update(self._with_spans_elsewhere(new, minutes))
        searched.done.update(new)
        while len(self._searched) > 100:
            self._searched.pop(next(iter(self._searched)))
        far = (searched.found & set(leftovers)) | set(linked)
        near = {minute + step for minute in minutes for step in (-_ONE_MINUTE, _ONE_MINUTE)} - set(minutes)
        return {"near_minutes": sorted(near), "near_traces": leftovers, "far_traces": sorted(far)}

    def _traces(self, name: str, here: dict[str, Any], limit: int) -> list[str]:
        return [row["TraceId"] for row in self._store.query(statement(name), {**here, "limit": limit})]

    def _with_spans_elsewhere(self, traces: Sequence[str], minutes: list[Minute]) -> Iterator[str]:
        if not traces:
            return
        sql = """SELECT DISTINCT TraceId FROM otel_traces
                 WHERE TraceId IN {traces:Array(String)} AND toStartOfMinute(Timestamp) NOT IN {minutes:Array(DateTime)}"""
        for row in self._store.query(sql, {"traces": list(traces), "minutes": minutes}):
            yield row["TraceId"]

    def _mark_those_who_waited(self, minutes: list[Minute]) -> None:
        waited = [_utc(row["Minute"]) for row in self._store.query(statement("rollup_awaited"), {"minutes": minutes})]
        if waited:
            for minute in waited:
                self._searched.pop(minute, None)
            self._run("rollup_mark", {"minutes": waited})

    def _run(self, name: str, parameters: dict[str, Any]) -> None:
        self._store.command(statement(name), parameters, _MATERIALIZED)


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
