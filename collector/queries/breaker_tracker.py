"""One breaker in one instance: its evidence in, its state and transitions out. No I/O, no clock: time comes with the evidence.

Precedence of evidence for the state: a state set, then time in state, then a number or flag; a transition that was told of
and is newer than these counts more; refusals are evidence when there is nothing else. How sources that tell of the same
transition are put together is in `breaker_history`.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from itertools import groupby
from typing import Any

from collector.conventions.breakers import Fact
from collector.queries.breaker_history import SAME_NS, SECOND_NS, History, Trace, Transition
from collector.queries.breaker_paths import plausible_path
from collector.queries.breaker_recognition import Breaker, Reading, Told

MINUTE_NS = 60 * SECOND_NS
FRESH_PROCESS_NS = 2 * MINUTE_NS  # what a counter of a process that is younger counted happened just now
REFUSAL_NS = MINUTE_NS  # how long a refusal is evidence for a state
STALE_INTERVALS = 3
OUTCOMES = ("ok", "failed", "slow", "rejected")
DELTA = 1  # OTLP's number for the temporality
_ORDER = {
    fact: number
    for number, fact in enumerate(
        (Fact.PRESENCE, Fact.SETTING, Fact.RATE, Fact.CALLS, Fact.REFUSALS, Fact.TRANSITIONS, Fact.TIME_IN_STATE)
    )
}
_RANK = {"state_set": 1, "time_in_state": 2, "endpoints": 4, "state_flag": 4, "state_number": 4}


@dataclass(slots=True)
class Evidence:
    kind: str
    name: str
    state: str
    raw: str
    at_ns: int


@dataclass(frozen=True, slots=True)
class Point:
    time_ns: int
    start_ns: int
    value: float


@dataclass
class Tracker:
    breaker: Breaker
    instance: str
    source: str
    target: str = ""
    target_confidence: str = "none"
    assumed_closed: bool = False
    state: str = "unknown"
    state_raw: str = ""
    since_ns: int = 0
    since_precision: str = "scrape"
    observed_ns: int = 0
    exported_ns: int = 0
    interval_ns: int = 0
    rates: dict[str, float | None] = field(default_factory=dict)
    settings: dict[str, float] = field(default_factory=dict)
    evidence: dict[str, Evidence] = field(default_factory=dict)
    history: History = field(default_factory=History)
    series: dict[str, tuple[int, int, float]] = field(default_factory=dict)
    """The last point of each counter: time, start, value."""
    active: dict[str, tuple[int, float]] = field(default_factory=dict)
    """By label of a state set, flags or endpoints: the time and value of the last point."""
    calls: dict[int, dict[str, float]] = field(default_factory=dict)
    """By minute (epoch ns of its start): calls by outcome. Of the minutes that are not written yet, and the latest."""
    restarted_ns: int = 0
    changed: bool = False
    fresh_minutes: set[int] = field(default_factory=set)
    _pending: list[tuple[int, int, str, Reading, Point, int]] = field(default_factory=list)

    def take(self, series: str, reading: Reading, points: Iterable[Point], temporality: int = 0) -> None:
        """Keep what a series tells until `settle`."""
        order = _ORDER.get(reading.fact, len(_ORDER))
        self._pending += [(point.time_ns, order, series, reading, point, temporality) for point in points]

    def settle(self) -> None:
        """Work through what was taken, in the order of its time."""
        pending, self._pending = sorted(self._pending, key=lambda one: one[:3]), []
        for time_ns, group in groupby(pending, key=lambda one: one[0]):
            self._settle_moment(time_ns, list(group))

    def tell(self, told: Told, at_ns: int, told_by: str, trace: Trace) -> None:
        """A record or span event told of a transition."""
        from_state = told.from_state if told.from_state != "unknown" else self._state_before(at_ns)
        self._target(told.target)
        if self.history.knows(told.to_state, at_ns, at_ns, told_by, told.reason, trace, "exact"):
            self._resolve(at_ns)
            return
        self.history.add(
            Transition(at_ns, at_ns, from_state, told.to_state, at_ns, "exact", [told_by], told.reason, *_ids(trace))
        )
        if at_ns >= self._evidence_time("event"):
            self.evidence["event"] = Evidence("event", told_by, told.to_state, told.raw, at_ns)
        self._observe(at_ns)
        self._resolve(at_ns)

    def refuse(self, state: str, raw: str, count: int, at_ns: int, name: str = "spans") -> None:
        """Spans told of `count` refused calls. They are counted where no counter does that."""
        if at_ns >= self._evidence_time("refusal"):
            self.evidence["refusal"] = Evidence("refusal", name, state, raw, at_ns)
        if not any(series.endswith("|rejected") for series in self.series):
            self._count(at_ns, "rejected", count)
        self._observe(at_ns)
        self._resolve(at_ns)

    def bind(self, target: str, confidence: str) -> None:
        """Who the breaker guards, found by other means than its own words, which count more."""
        rank = {"none": 0, "configured": 1, "correlated": 2, "exported": 3}
        if target and rank[confidence] >= rank[self.target_confidence]:
            self.changed |= (target, confidence) != (self.target, self.target_confidence)
            self.target, self.target_confidence = target, confidence

    @property
    def stale_after_ns(self) -> int:
        return STALE_INTERVALS * self.interval_ns

    @property
    def failure_share(self) -> float | None:
        """Of the latest minute with calls, for dialects that export no rate."""
        counts = self.calls[max(self.calls)] if self.calls else {}
        made = counts.get("ok", 0) + counts.get("failed", 0)
        return counts.get("failed", 0) / made if made else None

    def _settle_moment(self, time_ns: int, group: list[tuple[int, int, str, Reading, Point, int]]) -> None:
        rises: dict[str, dict[str, int]] = {}  # by counter: several may count the same transitions
        reasons: dict[str, str] = {}
        sampled: set[Fact] = set()
        since_ns = time_ns
        for _, _, series, reading, point, temporality in group:
            key = f"{series}|{reading.means}"
            before = self.series.get(key)
            fact = reading.fact
            self._target(reading.target)
            if fact in (Fact.CALLS, Fact.TRANSITIONS, Fact.REFUSALS, Fact.TIME_IN_STATE):
                rise = self._rise(key, point, temporality)
                if rise is None:
                    continue
                since_ns = min(since_ns, before[0] if before else max(point.start_ns, self.observed_ns))
                if fact is Fact.CALLS:
                    self._count(time_ns, reading.means, rise)
                elif fact is Fact.REFUSALS and rise > 0:
                    self.evidence["refusal"] = Evidence(
                        "refusal", reading.metric.pattern, reading.means, reading.raw, time_ns
                    )
                elif fact is Fact.TRANSITIONS and rise > 0:
                    counted = rises.setdefault(reading.metric.pattern, {})
                    counted[reading.means] = counted.get(reading.means, 0) + round(rise)
                    if reading.metric.is_reason:
                        reasons[reading.means] = reading.raw.replace("_", " ").lower()
                elif fact is Fact.TIME_IN_STATE:
                    self.active[f"time_in_state|{reading.means}"] = (time_ns, rise)
                    sampled.add(fact)
            elif fact is Fact.RATE:
                self.rates[reading.means] = point.value * reading.metric.scale if point.value >= 0 else None
            elif fact is Fact.SETTING:
                self.settings[reading.means] = point.value * reading.metric.scale
            elif fact is Fact.STATE_NUMBER:
                state = reading.metric.values.get(f"{point.value:g}", "unknown")
                self._sample(fact, state, f"{point.value:g}", time_ns)
            elif fact is Fact.PRESENCE:
                if reading.dialect.source == "unrecognised":
                    self.evidence["state_number"] = Evidence(
                        "state_number", reading.metric.pattern, "unknown", f"{point.value:g}", time_ns
                    )
                    self.state_raw = f"{point.value:g}"
            else:
                self.active[f"{fact}|{reading.means}"] = (time_ns, point.value)
                sampled.add(fact)
        self._observe(time_ns, exported=True)
        if rises:
            states = dict.fromkeys(state for counted in rises.values() for state in counted)
            most = {state: max(counted.get(state, 0) for counted in rises.values()) for state in states}
            self._risen(most, reasons, since_ns, time_ns)
        for fact in sampled:
            self._sample_of(fact, time_ns, since_ns)
        self._resolve(time_ns)

    def _rise(self, key: str, point: Point, temporality: int) -> float | None:
        """By how much a counter rose; None for a point that was seen before."""
        last = self.series.get(key)
        if last is not None and point.time_ns <= last[0]:
            return None
        self.series[key] = (point.time_ns, point.start_ns, point.value)
        if temporality == DELTA:
            return point.value
        if last is None:
            fresh = 0 <= point.time_ns - point.start_ns < FRESH_PROCESS_NS if point.start_ns else False
            return point.value if fresh or 0 < self.observed_ns < point.time_ns else 0.0
        if point.value < last[2] or (last[1] and point.start_ns > last[1]):
            self.restarted_ns = point.time_ns
            return point.value if key.rsplit("|", 1)[1] in OUTCOMES else 0.0
        return point.value - last[2]

    def _sample_of(self, fact: Fact, time_ns: int, since_ns: int) -> None:
        """What the series of `fact` say together at a time; counters of time, since the points before."""
        now = {
            key.split("|", 1)[1]: value
            for key, (at_ns, value) in self.active.items()
            if key.startswith(f"{fact}|") and at_ns > time_ns - SECOND_NS
        }
        on = sorted(label for label, value in now.items() if value > 0)
        if fact is Fact.STATE_FLAG:
            self._sample(fact, "open" if on else "closed", ", ".join(filter(None, on)) or str(len(on)), time_ns)
        elif fact is Fact.ENDPOINTS:
            cut_off = now.get("pending", 0) > 0 and not now.get("ready", 0)
            self._sample(fact, "open" if cut_off else "closed", f"{now.get('ready', 0):g} ready", time_ns)
        elif fact is Fact.TIME_IN_STATE:
            current = self._state_before(since_ns + 1)
            entered = on if len(on) == 1 else [label for label in on if label != current and current in on]
            if len(entered) == 1:
                at_ns = time_ns - int(now[entered[0]]) if len(on) > 1 else 0
                self._sample(fact, entered[0], entered[0], time_ns, at_ns, since_ns)
        else:
            self._sample(fact, on[0] if len(on) == 1 else "unknown", ", ".join(on) or "none", time_ns)

    def _sample(self, fact: Fact, state: str, raw: str, time_ns: int, at_ns: int = 0, since_ns: int = 0) -> None:
        """A state as it is at `time_ns`, entered at `at_ns` where that is known, and not before `since_ns`."""
        before = self.evidence.get(fact)
        if before and before.at_ns > time_ns:
            return
        self.evidence[fact] = Evidence(fact, fact, state, raw, time_ns)
        better = [
            e for e in self.evidence.values() if _RANK.get(e.kind, 9) < _RANK[fact] and self._is_fresh(e, time_ns)
        ]
        current = self._state_before(time_ns + 1)
        if better or state == "unknown" or current in ("unknown", state):
            return
        earliest_ns = since_ns or (before.at_ns if before else 0)
        if not earliest_ns or earliest_ns <= self.restarted_ns <= time_ns:
            return  # another process: its breaker did not move, it began anew
        if not self.history.knows(state, earliest_ns, time_ns, fact, "", Trace(), "scrape"):
            precision = "exact" if at_ns else "scrape"
            moment = at_ns or time_ns
            self.history.add(Transition(moment, moment, current, state, earliest_ns, precision, [fact]))

    def _risen(self, rises: dict[str, int], reasons: dict[str, str], since_ns: int, time_ns: int) -> None:
        """Counters of transitions rose: those that are not known yet are added in an order that makes sense."""
        left = dict(rises)
        for to_state, count in rises.items():
            for _ in range(count):
                if self.history.knows(
                    to_state, since_ns, time_ns, "counter", reasons.get(to_state, ""), Trace(), "scrape"
                ):
                    left[to_state] -= 1
        missing = {state: count for state, count in left.items() if count > 0}
        for number, (from_state, to_state) in enumerate(plausible_path(self._state_before(since_ns + 1), missing)):
            key_ns = time_ns + number
            told_by, reason = ["counter"], reasons.get(to_state, "")
            self.history.add(Transition(key_ns, time_ns, from_state, to_state, since_ns, "scrape", told_by, reason))

    def _resolve(self, now_ns: int) -> None:
        """Take the state from the best evidence."""
        now_ns = max(now_ns, self.observed_ns)
        samples = [e for e in self.evidence.values() if e.kind in _RANK and self._is_fresh(e, now_ns)]
        best = min(samples, key=lambda e: (_RANK[e.kind], e.state == "unknown"), default=None)
        last = self.history.last
        refusal = self.evidence.get("refusal")
        recent = refusal is not None and now_ns - refusal.at_ns <= REFUSAL_NS
        if best is not None and (last is None or last.at_ns <= best.at_ns or last.at_ns <= self.restarted_ns):
            self._become(best.state, best.raw, self._since(best.state, best.at_ns))
        elif last is not None:
            forced = recent and refusal is not None and (refusal.state, last.to_state) == ("forced_open", "open")
            self._become("forced_open" if forced else last.to_state, last.to_state, (last.at_ns, last.precision))
        elif recent and refusal is not None:
            self._become(refusal.state, refusal.raw, (refusal.at_ns, "scrape"))
        elif self.assumed_closed and self.observed_ns:
            self._become("closed", "assumed", (self.since_ns, "scrape"))
        elif best is None:
            self._become("unknown", self.state_raw, (self.since_ns or now_ns, "scrape"))

    def _become(self, state: str, raw: str, since: tuple[int, str]) -> None:
        if state == self.state and self.since_ns and self.history.last is None:
            since = (self.since_ns, self.since_precision)
        before = (self.state, self.since_ns)
        self.state, self.state_raw = state, raw
        self.since_ns, self.since_precision = since
        self.changed |= before != (self.state, self.since_ns)

    def _since(self, state: str, at_ns: int) -> tuple[int, str]:
        last = self.history.last_until(at_ns)
        if last is not None and last.to_state == state and last.at_ns > self.restarted_ns:
            return last.at_ns, last.precision
        if state == self.state and self.since_ns:
            return self.since_ns, self.since_precision
        return at_ns, "scrape"

    def _state_before(self, at_ns: int) -> str:
        """The state just before a time, by what is known of transitions; closed for a breaker that just began."""
        last = self.history.last_until(at_ns - 1)
        if last is not None and last.at_ns > self.restarted_ns:
            return last.to_state
        later = self.history.first_from(at_ns)
        if later is not None and later.from_state != "unknown":
            return later.from_state
        return self.state if self.state != "unknown" else "closed"

    def _is_fresh(self, evidence: Evidence, now_ns: int) -> bool:
        return now_ns - evidence.at_ns <= max(self.stale_after_ns, 2 * SAME_NS)

    def _evidence_time(self, kind: str) -> int:
        return self.evidence[kind].at_ns if kind in self.evidence else 0

    def _target(self, target: str) -> None:
        self.bind(target, "exported")

    def _count(self, time_ns: int, outcome: str, amount: float) -> None:
        if amount > 0:
            minute = time_ns // MINUTE_NS * MINUTE_NS
            counts = self.calls.setdefault(minute, {})
            counts[outcome] = counts.get(outcome, 0) + amount
            self.fresh_minutes.add(minute)

    def _observe(self, time_ns: int, exported: bool = False) -> None:
        """The interval of exports is followed at most twofold at a time, so that a pause does not count as one."""
        gap_ns = time_ns - self.exported_ns
        if exported and self.exported_ns and gap_ns > SECOND_NS // 2:
            known = self.interval_ns or min(gap_ns, MINUTE_NS)
            self.interval_ns = min(gap_ns, 2 * known) if gap_ns > known else max(gap_ns, round(known * 0.7))
        if exported:
            self.exported_ns = max(self.exported_ns, time_ns)
        self.observed_ns = max(self.observed_ns, time_ns)

    def memory(self) -> dict[str, Any]:
        """What the next process needs to go on, as plain JSON."""
        names = (
            "series",
            "active",
            "rates",
            "settings",
            "calls",
            "restarted_ns",
            "exported_ns",
            "interval_ns",
            "assumed_closed",
        )
        kept = {name: getattr(self, name) for name in names}
        return {
            **kept,
            "calls": {str(minute): counts for minute, counts in sorted(self.calls.items())[-2:]},
            "evidence": [asdict(one) for one in self.evidence.values()],
            "transitions": [asdict(one) for one in self.history.transitions[-10:]],
        }

    def remember(self, memory: dict[str, Any]) -> None:
        self.series = {key: (one[0], one[1], one[2]) for key, one in memory["series"].items()}
        self.active = {key: (one[0], one[1]) for key, one in memory["active"].items()}
        self.calls = {int(minute): counts for minute, counts in memory["calls"].items()}
        self.evidence = {one["kind"]: Evidence(**one) for one in memory["evidence"]}
        self.history = History([Transition(**one) for one in memory["transitions"]])
        for name in ("rates", "settings", "restarted_ns", "exported_ns", "interval_ns", "assumed_closed"):
            setattr(self, name, memory[name])


def _ids(trace: Trace) -> tuple[str, str]:
    return trace.trace_id, trace.span_id
