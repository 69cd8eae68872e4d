"""Keeps breakers' states, calls and transitions: looks at what came in since the last look, and writes what it tells.

Nothing is read on the way in. A look reads only new rows (`new_rows`), so that a change is told of within a second or so of
its export, whatever is stored; records that tell of a transition are looked at alone, at once. What was read and could not be
written is kept and written at the next look. After a restart the job goes on from what it wrote last, and looks once more at
what came in shortly before.
"""

from collections.abc import Callable, Collection
from threading import Lock
from time import monotonic, time_ns
from typing import Any

import orjson

from collector.queries.breaker_evidence import TABLES, BreakerEvidence
from collector.queries.breaker_history import Transition
from collector.queries.breaker_mapping import BreakerMapping
from collector.queries.breaker_recognition import Breaker
from collector.queries.breaker_tracker import MINUTE_NS, OUTCOMES, Tracker
from collector.queries.new_rows import NewRowsReader
from collector.queries.paced_thread import PacedThread
from collector.queries.statements import statement
from collector.settings import Settings
from collector.store.engine import Row, Store

_SHARE = 0.2  # of its time that the job may be at work
_LONGEST_REST_S = 3.0  # even when the job is slow
_RECORDS_INTERVAL_S = 0.1
_RECORDS = ("otel_logs",)
_REFRESH_NS = 5 * 10**9  # a state that did not change is written this often
_LOOK_BACK_S = 120.0
_MEMORY_HOURS = 6
_KEPT_MINUTES = 15  # whose calls may still come in
_FORGET_NS = 6 * 3600 * 10**9


class BreakerJob:
    """Call `run_once` in a loop, or `start` its threads, which do, and `wake` them after commits."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        mapping: BreakerMapping,
        on_change: Callable[[list[str]], None] = lambda ids: None,
    ) -> None:
        """`on_change(ids)` is called after each run that changed a breaker's state."""
        self._store, self._settings, self._on_change = store, settings, on_change
        self._evidence = BreakerEvidence(store, mapping)
        self._new_rows = NewRowsReader(store, TABLES, _LOOK_BACK_S)
        self._written_ns: dict[tuple[str, str], tuple[int, int]] = {}
        self._owed: set[tuple[str, str]] = set()
        """Trackers that were heard of since they were last written."""
        self._version = time_ns()
        self._resumed = False
        self.runs = 0
        self.busy_s = 0.0
        self._looking = Lock()
        pace: dict[str, Any] = {"share": _SHARE, "patience_s": 5, "longest_rest_s": _LONGEST_REST_S}
        pace["after_surprise"] = self._leave_out
        self._whole = PacedThread("breakers", self.run_once, interval_s=settings.breakers_interval_s, **pace)
        self._records = PacedThread("breakers-told", self._look_at_records, interval_s=_RECORDS_INTERVAL_S, **pace)

    def start(self) -> None:
        self._whole.start()
        self._records.start()

    def wake(self, of_transition: bool = False) -> None:
        """There are new rows; `of_transition`: among them records that tell of one."""
        if of_transition:
            self._records.wake()
        self._whole.wake()

    def close(self) -> None:
        """Ends after the looks under way. Harmless when it was never started."""
        self._records.close()
        self._whole.close()

    def run_once(self, tables: Collection[str] = ()) -> list[str]:
        """Look at what is new, in all tables or these; returns the ids of breakers whose state or transitions changed."""
        with self._looking:
            changed = self._look(tables)
        if changed:
            self._on_change(changed)
        return changed

    def _leave_out(self) -> None:
        """The rows of the last look, which brought about an error that nobody foresaw."""
        with self._looking:
            self._new_rows.done()

    def _look_at_records(self) -> list[str]:
        return self.run_once(_RECORDS)

    def _look(self, tables: Collection[str]) -> list[str]:
        if not self._resumed:
            self._resume()
        started = monotonic()
        new = self._new_rows.look(tables)
        if not new and not any(True for _ in self._evidence.changed()) and not self._owes():
            return []
        self._evidence.read(new)
        self._new_rows.done()
        changed = self._write()
        self.runs += 1
        self.busy_s += monotonic() - started
        return changed

    def _resume(self) -> None:
        for row in self._store.query(statement("breaker_memories"), {"hours": _MEMORY_HOURS}):
            service, namespace, name, group, kind, source, target, confidence = row["about"]
            breaker = Breaker(service, namespace, name, group, kind)
            tracker = Tracker(breaker, row["instance"], source, target, confidence)
            tracker.state, tracker.state_raw, tracker.since_ns, tracker.since_precision, tracker.observed_ns = row[
                "state"
            ]
            tracker.remember(orjson.loads(row["memory"]))
            self._evidence.trackers[(breaker.id, row["instance"])] = tracker
            self._version = max(self._version, row["newest"])
        self._resumed = True

    def _write(self) -> list[str]:
        now_ns = time_ns()
        self._version = max(self._version + 1, now_ns)
        touched = list(self._evidence.changed())
        moved = sorted({one.breaker.id for one in touched if one.changed or one.history.fresh})
        transitions = [
            _transition_row(one, transition, self._version)
            for one in touched
            for transition in one.history.fresh.values()
        ]
        states = [one for one in self._evidence.trackers.values() if self._is_due(one, now_ns)]
        self._insert("breaker_calls_1m", [row for one in touched for row in _calls_rows(one, self._version)])
        self._insert("breaker_transitions", transitions)
        # last: its memory holds the transitions, and a restart would not write them again
        self._insert("breaker_states_1m", [_state_row(one, self._version) for one in states])
        for one in touched:
            one.history.fresh.clear()
            one.fresh_minutes.clear()
            for minute in sorted(one.calls)[:-_KEPT_MINUTES]:
                del one.calls[minute]
        for one in states:
            one.changed = False
            self._written_ns[(one.breaker.id, one.instance)] = (now_ns, one.observed_ns)
        self._owed = {
            key
            for key, one in self._evidence.trackers.items()
            if one.observed_ns > self._written_ns.get(key, (0, 0))[1]
        }
        self._forget(now_ns)
        return moved

    def _owes(self) -> bool:
        now_ns = time_ns()
        trackers = self._evidence.trackers
        return any(self._is_due(trackers[key], now_ns) for key in self._owed if key in trackers)

    def _is_due(self, tracker: Tracker, now_ns: int) -> bool:
        """Something changed, or it was heard of and its row is not of late or not of that minute."""
        written_ns, observed_ns = self._written_ns.get((tracker.breaker.id, tracker.instance), (0, 0))
        if tracker.changed:
            return True
        another_minute = observed_ns // MINUTE_NS != tracker.observed_ns // MINUTE_NS
        return tracker.observed_ns > observed_ns and (another_minute or now_ns - written_ns >= _REFRESH_NS)

    def _insert(self, table: str, rows: list[Row]) -> None:
        if rows:
            self._store.insert_rows(table, rows)

    def _forget(self, now_ns: int) -> None:
        """Instances that are long gone."""
        gone = [key for key, one in self._evidence.trackers.items() if one.observed_ns < now_ns - _FORGET_NS]
        for key in gone:
            del self._evidence.trackers[key]
            self._written_ns.pop(key, None)


def _about(tracker: Tracker, version: int) -> Row:
    breaker = tracker.breaker
    return {
        "BreakerId": breaker.id,
        "Instance": tracker.instance,
        "Version": version,
        "Service": breaker.service,
        "Namespace": breaker.namespace,
        "Name": breaker.name,
        "GroupName": breaker.group,
        "Target": tracker.target,
        "Source": tracker.source,
    }


def _state_row(tracker: Tracker, version: int) -> Row:
    memory = tracker.memory()
    return {
        **_about(tracker, version),
        "Minute": tracker.observed_ns // MINUTE_NS * 60,
        "Kind": tracker.breaker.kind,
        "TargetConfidence": tracker.target_confidence,
        "State": tracker.state,
        "StateRaw": tracker.state_raw,
        "SinceNs": tracker.since_ns,
        "SincePrecision": tracker.since_precision,
        "ObservedNs": tracker.observed_ns,
        "IntervalNs": tracker.interval_ns,
        "FailureRate": tracker.rates.get("failure_rate", tracker.failure_share),
        "SlowRate": tracker.rates.get("slow_rate"),
        "Settings": tracker.settings,
        "Evidence": _json(memory["evidence"]),
        "Memory": _json(memory),
    }


def _transition_row(tracker: Tracker, one: Transition, version: int) -> Row:
    return {
        **_about(tracker, version),
        "KeyNs": one.key_ns,
        "AtNs": one.at_ns,
        "FromState": one.from_state,
        "ToState": one.to_state,
        "Reason": one.reason[:1000],
        "TraceId": one.trace_id,
        "SpanId": one.span_id,
        "Precision": one.precision,
    }


def _calls_rows(tracker: Tracker, version: int) -> list[Row]:
    rows = []
    for minute_ns in sorted(tracker.fresh_minutes & tracker.calls.keys()):
        counts = tracker.calls[minute_ns]
        about = {"BreakerId": tracker.breaker.id, "Instance": tracker.instance, "Version": version}
        outcomes = {word.capitalize(): counts.get(word, 0) for word in OUTCOMES}
        rows.append({**about, "Minute": minute_ns // 10**9, **outcomes})
    return rows


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
