"""What stands between a service and each one that it calls: a circuit breaker and a bulkhead.

The breaker is interlock's (docs/demo-shop.md says why); what it does is reported by `breaker_telemetry.py`.
"""

import threading
from collections.abc import Callable
from typing import TypeVar, cast

from interlock import CircuitBreaker, CircuitOpenError, Config, Outcome, WindowType
from interlock import State as LibraryState
from interlock.protocols import Clock, CoreEventListener

from demo_services.common.breaker_telemetry import BreakerTelemetry, Rates, State, Thresholds
from demo_services.common.errors import BulkheadFull, CircuitBreakerOpen, PeerRefused
from demo_services.common.settings import ServiceSettings

Result = TypeVar("Result")


class Guards:
    """One guard for each service that this process calls, made when first asked for."""

    def __init__(
        self, settings: ServiceSettings, clock: Clock | None = None, telemetry: BreakerTelemetry | None = None
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._telemetry = telemetry or BreakerTelemetry()
        self._guards: dict[str, Guard] = {}
        self._lock = threading.Lock()

    def for_target(self, target: str, patience: float = 1.0) -> "Guard":
        """`patience` is how much longer than usual a call may take before it is slow: who calls a caller needs more."""
        with self._lock:
            if target not in self._guards:
                slow_s = self._settings.breaker_slow_call_s * patience
                settings = self._settings.model_copy(update={"breaker_slow_call_s": slow_s})
                self._guards[target] = Guard(target, settings, self._telemetry, self._clock)
            return self._guards[target]

    def states(self) -> dict[str, State]:
        """By target."""
        with self._lock:
            return {target: guard.state for target, guard in self._guards.items()}


class Guard(CoreEventListener):
    """Breaker and bulkhead for one target. Safe to share between threads."""

    def __init__(
        self, target: str, settings: ServiceSettings, telemetry: BreakerTelemetry, clock: Clock | None = None
    ) -> None:
        self.target = target
        self._slots = threading.BoundedSemaphore(settings.max_concurrent_calls)
        self._breaker = CircuitBreaker(
            name=target, config=_config(settings), clock=clock, classifier=_Failures(), listener=self
        )
        self._watched = telemetry.watch(target, target, _thresholds(settings), lambda: self.state, self._rates)

    @property
    def state(self) -> State:
        return cast("State", str(self._breaker.state))

    def call(self, span_name: str, function: Callable[[], Result]) -> Result:
        """What `function` returns. Any exception counts as a failure, except PeerRefused: then the target works.

        Raises CircuitBreakerOpen or BulkheadFull, without calling, and reports that as a span named `span_name`.
        """
        if not self._slots.acquire(blocking=False):
            with self._watched.rejection(span_name, "BulkheadFull"):
                raise BulkheadFull(f"{self.target}: too many calls under way")
        try:
            return self._breaker.call_sync(function)
        except CircuitOpenError as error:
            with self._watched.rejection(span_name):
                raise CircuitBreakerOpen(f"{self.target}: circuit breaker is {self.state}") from error
        finally:
            self._slots.release()

    def _rates(self) -> Rates:
        window = self._breaker.snapshot()
        return Rates(window.failure_rate, window.slow_call_rate, window.total_calls)

    def on_call(self, *, name: str, outcome: Outcome, duration: float) -> None:
        self._watched.called(failed=outcome.is_failure, slow=outcome.is_slow)

    def on_state_change(self, *, name: str, old: LibraryState, new: LibraryState) -> None:
        self._watched.changed(cast("State", str(old)), cast("State", str(new)))


class _Failures:
    """interlock's FailureClassifier."""

    def is_failure(self, *, result: object, exception: Exception | None) -> bool:
        return exception is not None and not isinstance(exception, PeerRefused)


def _config(settings: ServiceSettings) -> Config:
    return Config(
        failure_rate_threshold=settings.breaker_failure_rate,
        minimum_number_of_calls=settings.breaker_minimum_calls,
        slow_call_duration_threshold=settings.breaker_slow_call_s,
        slow_call_rate_threshold=settings.breaker_slow_call_rate,
        permitted_calls_in_half_open=settings.breaker_probe_calls,
        wait_duration_in_open=settings.breaker_open_s,
        window_type=WindowType.TIME_BASED,
        window_size=settings.breaker_window_s,
    )


def _thresholds(settings: ServiceSettings) -> Thresholds:
    return Thresholds(
        settings.breaker_failure_rate,
        settings.breaker_slow_call_rate,
        settings.breaker_slow_call_s,
        settings.breaker_open_s,
        settings.breaker_minimum_calls,
    )
