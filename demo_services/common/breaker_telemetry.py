"""Reports circuit breakers through OpenTelemetry, in the dialect that docs/demo-shop.md describes.

Knows no shop and no breaker library: whoever runs a breaker says which thresholds it has and how to read its state, and
reports calls, rejections and transitions. Needs only `opentelemetry-api`; what is recorded goes to the providers that the
program has set up.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Literal

from opentelemetry import metrics, trace
from opentelemetry._logs import LoggerProvider, SeverityNumber, get_logger
from opentelemetry.context import get_current
from opentelemetry.metrics import CallbackOptions, Observation

State = Literal["closed", "open", "half_open", "forced_open", "disabled"]
STATES: tuple[State, ...] = ("closed", "open", "half_open", "forced_open", "disabled")
SCOPE = "spanscape.circuit_breaker"
STATE_CHANGE = "circuit_breaker.state_change"


@dataclass(frozen=True)
class Thresholds:
    """A breaker's configuration. Rates are 0 to 1."""

    failure_rate: float
    slow_call_rate: float
    slow_call_duration_s: float
    open_duration_s: float
    minimum_calls: int


@dataclass(frozen=True)
class Rates:
    """Over the breaker's window; `calls` is how many calls are in it."""

    failure_rate: float
    slow_call_rate: float
    calls: int


class WatchedBreaker:
    """One breaker, as its telemetry sees it. Made by `BreakerTelemetry.watch`."""

    def __init__(
        self,
        telemetry: "BreakerTelemetry",
        name: str,
        target: str,
        thresholds: Thresholds,
        state: Callable[[], State],
        rates: Callable[[], Rates],
    ) -> None:
        self.name = name
        self.target = target
        self.thresholds = thresholds
        self.state = state
        self.rates = rates
        self.attributes = {"circuit_breaker.name": name, "circuit_breaker.target": target}
        self._telemetry = telemetry

    def called(self, *, failed: bool, slow: bool) -> None:
        """A call was let through and has ended."""
        outcome = "failure" if failed else "success"
        attributes: dict[str, str | bool] = {**self.attributes, "circuit_breaker.outcome": outcome}
        self._telemetry.calls.add(1, attributes | ({"circuit_breaker.slow": True} if slow else {}))

    def changed(self, previous: State, state: State) -> None:
        """The breaker went from one state to another. Call it where the span of the causing call is current."""
        attributes = self.attributes | {"circuit_breaker.state.previous": previous, "circuit_breaker.state": state}
        self._telemetry.transitions.add(1, attributes)
        attributes["circuit_breaker.reason"] = self.reason(previous, state)
        trace.get_current_span().add_event(STATE_CHANGE, attributes)
        self._telemetry.logger.emit(
            timestamp=time.time_ns(),
            observed_timestamp=time.time_ns(),
            context=get_current(),
            severity_number=SeverityNumber.WARN if state == "open" else SeverityNumber.INFO,
            severity_text="WARN" if state == "open" else "INFO",
            body=f"circuit breaker {self.name}: {previous} to {state}, {attributes['circuit_breaker.reason']}",
            attributes=attributes,
            event_name=STATE_CHANGE,
        )

    def reason(self, previous: State, state: State) -> str:
        """Why, in words, from the rates at this moment."""
        thresholds, rates = self.thresholds, self.rates()
        match previous, state:
            case "closed", "open" if rates.failure_rate >= thresholds.failure_rate:
                return (
                    f"failure rate {rates.failure_rate:.0%} of {rates.calls} calls reached "
                    f"{thresholds.failure_rate:.0%}"
                )
            case "closed", "open":
                return (
                    f"slow call rate {rates.slow_call_rate:.0%} of {rates.calls} calls reached "
                    f"{thresholds.slow_call_rate:.0%} (slow: over {thresholds.slow_call_duration_s:g} s)"
                )
            case "open", "half_open":
                return f"open for {thresholds.open_duration_s:g} s"
            case "half_open", "open":
                return "the calls let through on trial failed or were slow"
            case "half_open", "closed":
                return "the calls let through on trial succeeded"
            case _:
                return "set by hand"

    @contextmanager
    def rejection(self, span_name: str, error_type: str = "CircuitBreakerOpen") -> Iterator[None]:
        """Counts a call that was not made and reports it as a short client span named as the call would have been.

        The exception raised inside passes through, without being recorded as one of the span's.
        """
        self._telemetry.calls.add(1, {**self.attributes, "circuit_breaker.outcome": "rejected"})
        attributes = {
            "service.peer.name": self.target,
            "error.type": error_type,
            "circuit_breaker.name": self.name,
            "circuit_breaker.state": self.state(),
            "circuit_breaker.outcome": "rejected",
        }
        with self._telemetry.tracer.start_as_current_span(
            span_name, kind=trace.SpanKind.CLIENT, attributes=attributes, record_exception=False
        ) as span:
            span.set_status(trace.Status(trace.StatusCode.ERROR, error_type))
            yield


class BreakerTelemetry:
    """The instruments that a process's breakers share: make one per process. Providers not given are the global ones."""

    def __init__(
        self,
        meters: metrics.MeterProvider | None = None,
        tracers: trace.TracerProvider | None = None,
        loggers: LoggerProvider | None = None,
    ) -> None:
        meter = metrics.get_meter(SCOPE, meter_provider=meters)
        self.tracer = trace.get_tracer(SCOPE, tracer_provider=tracers)
        self.logger = get_logger(SCOPE, logger_provider=loggers)
        self.calls = meter.create_counter("circuit_breaker.calls", "{call}", "Calls by outcome")
        self.transitions = meter.create_counter("circuit_breaker.transitions", "{transition}", "Changes of state")
        self._breakers: list[WatchedBreaker] = []
        self._lock = Lock()
        meter.create_observable_up_down_counter(
            "circuit_breaker.state", [self._states], "1", "1 for the state that the breaker is in, 0 for the others"
        )
        self._gauge(meter, "failure_rate", "1", lambda b: _once_enough(b, b.rates().failure_rate))
        self._gauge(meter, "slow_call_rate", "1", lambda b: _once_enough(b, b.rates().slow_call_rate))
        self._gauge(meter, "failure_rate.threshold", "1", lambda b: b.thresholds.failure_rate)
        self._gauge(meter, "slow_call_rate.threshold", "1", lambda b: b.thresholds.slow_call_rate)
        self._gauge(meter, "slow_call_duration.threshold", "s", lambda b: b.thresholds.slow_call_duration_s)
        self._gauge(meter, "open_duration", "s", lambda b: b.thresholds.open_duration_s)
        self._gauge(meter, "minimum_calls", "{call}", lambda b: b.thresholds.minimum_calls)

    def watch(
        self,
        name: str,
        target: str,
        thresholds: Thresholds,
        state: Callable[[], State],
        rates: Callable[[], Rates],
    ) -> WatchedBreaker:
        """Reports a breaker from now on. `target` is the callee's service name; names are unique in a process."""
        breaker = WatchedBreaker(self, name, target, thresholds, state, rates)
        with self._lock:
            self._breakers.append(breaker)
        return breaker

    def breakers(self) -> list[WatchedBreaker]:
        with self._lock:
            return list(self._breakers)

    def _states(self, _options: CallbackOptions) -> Iterable[Observation]:
        for breaker in self.breakers():
            active = breaker.state()
            for state in STATES:
                yield Observation(int(state == active), breaker.attributes | {"circuit_breaker.state": state})

    def _gauge(
        self, meter: metrics.Meter, name: str, unit: str, value: Callable[[WatchedBreaker], float | None]
    ) -> None:
        def observe(_options: CallbackOptions) -> Iterable[Observation]:
            for breaker in self.breakers():
                if (seen := value(breaker)) is not None:
                    yield Observation(seen, breaker.attributes)

        meter.create_observable_gauge(f"circuit_breaker.{name}", [observe], unit)


def _once_enough(breaker: WatchedBreaker, rate: float) -> float | None:
    """No rate while fewer than the minimum of calls were measured."""
    return rate if breaker.rates().calls >= breaker.thresholds.minimum_calls else None
