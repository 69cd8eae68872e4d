"""Faults that the demo injects: what is wrong at the moment, and until when. Effects are in `fault_effects.py`."""

import math
import random
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

from demo_services.common.errors import BadInput

Kind = Literal[
    "latency",
    "errors",
    "hang",
    "crash",
    "down",
    "release",
    "database_lock",
    "broker_drop",
    "memory",
    "cpu",
    "clock_skew",
    "lost_context",
    "cache_off",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
LONGEST_S = 600.0
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m)")
_UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0}
_DEFAULTS: dict[Kind, str] = {"latency": "1s", "errors": "0.5", "memory": "100", "cpu": "1", "clock_skew": "behind 20s"}
_MAX_MEMORY_MB = 300
_MAX_SKEW_S = 86_400.0


def seconds(text: str) -> float:
    """Of a duration like "250ms", "2s" or "1m". Raises BadInput."""
    if match := _DURATION.fullmatch(text.strip()):
        return float(match[1]) * _UNITS_S[match[2]]
    raise BadInput(f"a duration like 250ms, 2s or 1m expected, got {text!r}")


@dataclass(frozen=True)
class Fault:
    """`value` in the words of the request; `until_s` on the clock of its board."""

    kind: Kind
    value: str
    until_s: float

    @property
    def number(self) -> float:
        return float(self.value)

    @property
    def skew_s(self) -> float:
        """Of "behind 20s" or "ahead 20s": negative for a clock that is behind."""
        direction, by = self.value.split()
        return seconds(by) * (-1 if direction == "behind" else 1)

    def delay_s(self, chance: random.Random) -> float:
        """How long this latency delays one request: fixed "2s", "uniform 100ms 900ms" or "normal 200ms 50ms"."""
        shape, *parts = self.value.split()
        if not parts:
            return max(0.0, seconds(shape))
        first, second = (seconds(part) for part in parts)
        return max(0.0, chance.uniform(first, second) if shape == "uniform" else chance.gauss(first, second))


def new_fault(kind: str, value: str, duration_s: float, now_s: float) -> Fault:
    """Raises BadInput in words for the person at the shell."""
    if kind not in KINDS:
        raise BadInput(f"kind: one of {', '.join(KINDS)} expected, got {kind}")
    if not 0 < duration_s <= LONGEST_S:
        raise BadInput(f"duration: above 0 and at most {LONGEST_S:g} s expected, got {duration_s:g}")
    value = value or _DEFAULTS.get(kind, "")
    _check(kind, value)
    return Fault(kind, value, now_s + duration_s)


def _check(kind: Kind, value: str) -> None:
    match kind:
        case "latency":
            _check_latency(value)
        case "clock_skew":
            direction, _, by = value.partition(" ")
            if direction not in ("behind", "ahead") or seconds(by) > _MAX_SKEW_S:
                raise BadInput(f'clock_skew: "behind 20s" or "ahead 20s" expected, a day at most, got {value!r}')
        case "errors" | "broker_drop" | "database_lock" if value:
            _number_between(kind, value, 0, 1)
        case "memory":
            _number_between(kind, value, 1, _MAX_MEMORY_MB)
        case "cpu":
            _number_between(kind, value, 0.01, 1)
        case "release":
            if not re.fullmatch(r"[\w.+-]{1,40}", value):
                raise BadInput(f"release: a version like 1.1.0 expected, got {value!r}")


def _check_latency(value: str) -> None:
    shape, *parts = value.split() or [""]
    if parts and (shape not in ("uniform", "normal") or len(parts) != 2):
        raise BadInput(f'latency: "2s", "uniform 100ms 900ms" or "normal 200ms 50ms" expected, got {value!r}')
    for part in parts or [shape]:
        seconds(part)


def _number_between(kind: str, value: str, low: float, high: float) -> None:
    try:
        fits = low <= float(value) <= high
    except ValueError:
        fits = False
    if not fits:
        raise BadInput(f"{kind}: a number from {low:g} to {high:g} expected, got {value!r}")


class FaultBoard:
    """The faults in force. One of each kind at a time: a new one replaces the old. Safe to share between threads.

    `report(fault, injected)` hears of each beginning and end, on the thread that noticed it.
    """

    def __init__(self, report: Callable[[Fault, bool], None], now: Callable[[], float] = time.monotonic) -> None:
        self.now = now
        self._report = report
        self._faults: dict[Kind, Fault] = {}
        self._lock = threading.Lock()

    def inject(self, kind: str, value: str, duration_s: float) -> Fault:
        fault = new_fault(kind, value, duration_s, self.now())
        self.revert(fault.kind)
        with self._lock:
            self._faults[fault.kind] = fault
        self._report(fault, True)
        return fault

    def resume(self, kind: Kind, value: str, duration_s: float) -> None:
        """A fault that a former life of this process reported already."""
        with self._lock:
            self._faults[kind] = new_fault(kind, value, duration_s, self.now())

    def active(self, kind: Kind) -> Fault | None:
        if not self._faults:
            return None  # the common case costs no lock
        self.revert_what_is_over()
        return self._faults.get(kind)

    def list(self) -> list[Fault]:
        self.revert_what_is_over()
        with self._lock:
            return list(self._faults.values())

    def revert(self, *kinds: Kind) -> None:
        """Ends these faults, or all of them, before their time."""
        self._end(lambda fault: not kinds or fault.kind in kinds)

    def revert_what_is_over(self) -> None:
        now_s = self.now()
        self._end(lambda fault: fault.until_s <= now_s)

    def next_end_s(self) -> float:
        """Seconds until a fault ends; infinite without one."""
        with self._lock:
            return min((fault.until_s for fault in self._faults.values()), default=math.inf) - self.now()

    def _end(self, is_over: Callable[[Fault], bool]) -> None:
        with self._lock:
            over = [fault for fault in self._faults.values() if is_over(fault)]
            for fault in over:
                del self._faults[fault.kind]
        for fault in over:
            self._report(fault, False)
