"""Keeps the per-minute roll-ups equal to what a full pass over all spans would give, whatever order spans arrive in.

A commit marks the minutes that it touched as dirty. This job recomputes dirty minutes whole, newest first, and replaces
their rows, so repeating it changes nothing. A call's halves may lie in different minutes, and come in any order:

- the callers of a minute's calls are looked for beyond it, and where one is found is noted for both minutes
  (`scattered_calls`); a minute that such a note comes too late for becomes dirty again;
- what is not found is remembered in `unpaired_calls`: when it arrives, in whatever minute, the same note is made;
- a client span without an answer counts as a call to something external only `pairing_grace_s` after its end. Until
  then its minute is not settled; it is looked at once more when it is.

All of it is in the store: a new process goes on where the last one stopped.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from time import monotonic, time_ns
from typing import Any

from collector.queries.paced_thread import PacedThread
from collector.queries.statements import statement
from collector.queries.stretches import SETTINGS, StretchRollups
from collector.settings import Settings
from collector.store.engine import Store

Minute = datetime
_Piece = tuple[dict[str, Any], dict[str, bool]]
"""A slice of the minutes in hand: the values of its statements, and what those have to deal with."""
SLICE_SPANS = 400_000  # spans paired at once, which bounds memory; a minute with more is computed in slices
MINUTES_AT_ONCE = 60
REACH_UNSETTLED = timedelta(minutes=10)  # how far callers are looked for while calls are in flight; then everywhere
_QUIET_S = 0.3  # without commits, and with next to nothing to do
_SAVED_S = 3.0  # of work: some changes of a large map, one after the other
_ONE_MINUTE = timedelta(minutes=1)
_EVER = (datetime(1970, 1, 1, tzinfo=UTC), datetime(2106, 1, 1, tzinfo=UTC))  # what the engine's DateTime holds


class RollupJob:
    """Call `run_once` in a loop, or start its `thread`, which does, and wake it after commits."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        on_change: Callable[[int, list[Minute]], None] = lambda version, minutes: None,
        now_ns: Callable[[], int] = time_ns,
    ) -> None:
        """`on_change(version, minutes)` is called after each run that changed something; versions grow."""
        self._store, self._settings, self._on_change, self._now_ns = store, settings, on_change, now_ns
        self._stretches = StretchRollups(store)
        self._unsettled: dict[Minute, int] = {}
        """Until when (epoch ns, without the grace) calls of a minute may be answered."""
        self._resumed = self._has_backlog = self._found_nothing = False
        self._covering: float | None = None
        """When the first of the commits was made, on the monotonic clock, that the run under way or a failed one covers."""
        self._waiting: float | None = None
        """The same of those that came since it began."""
        self.version = time_ns()
        self.runs = 0
        self.busy_s = 0.0
        self.thread = PacedThread(
            "roll-ups",
            self._work,
            until_idle=True,
            share=settings.rollup_share,  # while spans arrive, so that ingest is not held up
            saved_s=_SAVED_S,
            interval_s=settings.rollup_interval_s,
            patience_s=settings.rollup_interval_s * 5,
            quiet_s=_QUIET_S,
            skip_rest=lambda: self._found_nothing,
        )

    def wake(self) -> None:
        """Call after each commit of spans."""
        if self._waiting is None:
            self._waiting = monotonic()
        self.thread.wake()

    @property
    def behind_s(self) -> float:
        """For how long spans are stored by now that the roll-ups do not have; 0 when they have all."""
        first = min((each for each in (self._covering, self._waiting) if each is not None), default=None)
        return 0.0 if first is None else monotonic() - first

    def run_once(self) -> list[Minute]:
        """Recompute up to MINUTES_AT_ONCE dirty minutes; returns them. Safe to repeat and to interrupt."""
        if self._covering is None:
            self._covering = self._waiting
        self._waiting = None
        if not self._resumed:
            self._resume()
        self._mark_the_settled()
        marks = {_utc(row["Minute"]): row["Marks"] for row in self._store.query(statement("rollup_dirty"))}
        started = monotonic()
        spans = self._spans_of(list(marks)[:MINUTES_AT_ONCE])
        minutes = list(spans)
        self._has_backlog = len(minutes) < len(marks)
        if minutes:
            self.version = _even(max(self.version + 2, time_ns()))
            pieces = self._recompute(minutes, sum(spans.values()))
            if not self._has_backlog:
                self._covering = None  # answers have them by now
            self._on_change(self.version, minutes)
            self._remember_unpaired(minutes, pieces)
            self._run("rollup_clean", {"marks": [(minute, mark) for minute in minutes for mark in marks[minute]]})
            self.runs += 1
        if not self._has_backlog:
            self._covering = None
            self._stretches.run_once(self.version, self._now_ns())
        if minutes:
            self.busy_s += monotonic() - started
        return minutes

    def _work(self) -> bool:
        """Whether there may be more to do. After a look in vain, what comes next is not kept waiting."""
        self._found_nothing = False
        more = bool(self.run_once()) or self._is_behind
        self._found_nothing = not more
        return more

    @property
    def _is_behind(self) -> bool:
        return self._has_backlog or self._stretches.are_behind

    def run_until_clean(self) -> None:
        """For loads and tests: recompute until no minute is dirty and every stretch that is over is added up."""
        while self.run_once() or self._stretches.run_once(self.version, self._now_ns()):
            pass

    def _recompute(self, minutes: list[Minute], spans: int) -> list[_Piece]:
        """Gives the minutes a version that counts. Returns the pieces that it was computed in."""
        settled_ns = self._now_ns() - self._grace_ns
        turned = [_utc(row["Minute"]) for row in self._store.query(statement("rollup_turned"), {"minutes": minutes})]
        in_hand = {"minutes": minutes, "version": self.version, "turned": turned, "settled_ns": settled_ns}
        slices = [{"slice": number, "from_trace": a, "to_trace": b} for number, (a, b) in enumerate(_slices(spans))]
        is_slice = {"is_slice": len(slices) > 1}
        self._look_elsewhere(in_hand, slices, is_slice)
        far = self._store.query(
            "SELECT DISTINCT Elsewhere FROM scattered_calls WHERE Minute IN {minutes:Array(DateTime)}", in_hand
        )
        pieces: list[_Piece] = []
        for one in slices:
            universe = {**in_hand, **one, "far_minutes": [row["Elsewhere"] for row in far]}
            has = {**is_slice, "reaches_far": bool(far)}
            has["has_copies"] = bool(self._store.query(statement("rollup_copies", **has), universe)[0]["has_copies"])
            for name in ("rollup_edges", "rollup_operations"):
                self._run(name, universe, **has)
            pieces.append((universe, has))
        self._run("rollup_services", in_hand)
        self._run("rollup_close", in_hand)
        return pieces

    def _remember_unpaired(self, minutes: list[Minute], pieces: list[_Piece]) -> None:
        """What no answer shows: the next run needs it. Until it is there the minutes are dirty."""
        for universe, has in pieces:
            self._run("rollup_unpaired", universe, **has)
        self._settle_later(minutes)

    def _look_elsewhere(self, in_hand: dict[str, Any], slices: list[dict[str, Any]], is_slice: dict[str, bool]) -> None:
        """Note which spans of other minutes the minutes in hand need, and the other way round."""
        first, last = _reach(in_hand["minutes"], in_hand["settled_ns"])
        for piece in slices:
            bounds = {"first_minute": first, "last_minute": last}
            self._run("rollup_scattered", {**in_hand, **piece, **bounds}, **is_slice)
        self._run("rollup_awaited", in_hand)
        behind = {_utc(row["Minute"]) for row in self._store.query(statement("rollup_behind"), in_hand)}
        if behind := behind - self._unsettled.keys():
            self._run("rollup_mark", {"minutes": sorted(behind)})

    @property
    def _grace_ns(self) -> int:
        return int(self._settings.pairing_grace_s * 1e9)

    def _resume(self) -> None:
        """Go on where the last process stopped, with versions above its own even when the clock was set back."""
        rows = self._store.query("SELECT max(Version) AS newest FROM service_edges_1m")
        self.version = max(self.version, *(row["newest"] for row in rows))
        self._unsettled = {
            _utc(row["Minute"]): row["UntilNs"] for row in self._store.query(statement("rollup_unsettled"))
        }
        self._resumed = True

    def _mark_the_settled(self) -> None:
        settled_ns = self._now_ns() - self._grace_ns
        settled = [minute for minute, until_ns in self._unsettled.items() if until_ns <= settled_ns]
        if settled:
            self._run("rollup_mark", {"minutes": settled})
        for minute in settled:
            del self._unsettled[minute]

    def _settle_later(self, minutes: list[Minute]) -> None:
        sql = """SELECT Minute, max(Key) AS UntilNs FROM unpaired_calls
                 WHERE Minute IN {minutes:Array(DateTime)} AND Version >= {version:UInt64} AND Missing = 'time'
                 GROUP BY Minute"""
        for minute in minutes:
            self._unsettled.pop(minute, None)
        for row in self._store.query(sql, {"minutes": minutes, "version": self.version}):
            self._unsettled[_utc(row["Minute"])] = row["UntilNs"]

    def _spans_of(self, minutes: list[Minute]) -> dict[Minute, int]:
        """The first of the minutes, as many as have SLICE_SPANS spans together and one at least, with their spans."""
        sql = """SELECT toStartOfMinute(Timestamp) AS Minute, count() AS spans FROM otel_traces
                 WHERE Minute IN {minutes:Array(DateTime)} GROUP BY Minute"""
        counted = self._store.query(sql, {"minutes": minutes}) if minutes else []
        spans = {_utc(row["Minute"]): row["spans"] for row in counted}
        taken: dict[Minute, int] = {}
        for minute in minutes:
            if taken and sum(taken.values()) + spans.get(minute, 0) > SLICE_SPANS:
                break
            taken[minute] = spans.get(minute, 0)
        return taken

    def _run(self, name: str, parameters: dict[str, Any], **has: bool) -> None:
        self._store.command(statement(name, **has) + SETTINGS, parameters)


def _even(version: int) -> int:
    return version // 2 * 2


def _reach(minutes: list[Minute], settled_ns: int) -> tuple[Minute, Minute]:
    """The first and the last minute in which to look for the callers of calls in `minutes`."""
    settled = datetime.fromtimestamp(settled_ns // 10**9, UTC)
    if any(minute + _ONE_MINUTE <= settled for minute in minutes):
        return _EVER
    return max(_EVER[0], min(minutes) - REACH_UNSETTLED), min(_EVER[1], max(minutes) + REACH_UNSETTLED)


def _slices(spans: int) -> list[tuple[str, str]]:
    """Ranges of trace ids, half-open, with at most SLICE_SPANS of the spans each."""
    count = 1
    while count * SLICE_SPANS < spans and count < 128:
        count *= 2
    edges = ["", *(f"{number * 256 // count:02x}" for number in range(1, count)), "g"]
    return list(pairwise(edges))


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
