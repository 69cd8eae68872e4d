"""Breaker, bulkhead and what they report, with a clock passed in and telemetry kept in memory."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from demo_services.common.breaker_telemetry import SCOPE, BreakerTelemetry
from demo_services.common.errors import BulkheadFull, CircuitBreakerOpen, PeerRefused, PeerUnavailable
from demo_services.common.guard import Guard, Guards
from demo_services.common.settings import ServiceSettings

SETTINGS = ServiceSettings(
    breaker_failure_rate=0.5,
    breaker_slow_call_rate=0.6,
    breaker_slow_call_s=1,
    breaker_minimum_calls=4,
    breaker_window_s=10,
    breaker_open_s=5,
    breaker_probe_calls=2,
    max_concurrent_calls=2,
)


@dataclass
class Bench:
    """A guard whose time stands still, and what it has reported."""

    now_s: float = 1_000.0
    reader: InMemoryMetricReader = field(default_factory=InMemoryMetricReader)
    spans: InMemorySpanExporter = field(default_factory=InMemorySpanExporter)
    logs: InMemoryLogRecordExporter = field(default_factory=InMemoryLogRecordExporter)

    def __post_init__(self) -> None:
        self.tracers = TracerProvider()
        self.tracers.add_span_processor(SimpleSpanProcessor(self.spans))
        loggers = LoggerProvider()
        loggers.add_log_record_processor(SimpleLogRecordProcessor(self.logs))
        telemetry = BreakerTelemetry(MeterProvider([self.reader]), self.tracers, loggers)
        self.guard: Guard = Guards(SETTINGS, clock=self, telemetry=telemetry).for_target("payments")

    def monotonic(self) -> float:
        return self.now_s

    def succeed(self, took_s: float = 0.0) -> None:
        def work() -> None:
            self.now_s += took_s

        self.guard.call("POST /pay", work)

    def fail(self, error: Exception | None = None) -> None:
        def work() -> None:
            raise error or PeerUnavailable("no answer")

        with pytest.raises((PeerUnavailable, PeerRefused)):
            self.guard.call("POST /pay", work)

    def points(self, name: str) -> dict[str, float]:
        """By the attributes besides name and target, like "circuit_breaker.state=open"."""
        data = self.reader.get_metrics_data()
        found: dict[str, float] = {}
        for metric in data.resource_metrics[0].scope_metrics[0].metrics if data else []:
            if metric.name == name:
                for point in metric.data.data_points:
                    others = {k: v for k, v in (point.attributes or {}).items() if not k.endswith((".name", ".target"))}
                    found[",".join(f"{k}={v}" for k, v in sorted(others.items()))] = point.value  # type: ignore[union-attr]
        return found

    def told(self) -> list[dict[str, Any]]:
        return [dict(log.log_record.attributes or {}) for log in self.logs.get_finished_logs()]


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.tracers.shutdown()


def test_too_many_failures_open_the_breaker_and_nothing_is_called_then(bench: Bench) -> None:
    bench.succeed()
    bench.succeed()
    bench.fail()
    assert bench.guard.state == "closed"
    bench.fail()
    assert bench.guard.state == "open"
    with pytest.raises(CircuitBreakerOpen, match="payments: circuit breaker is open"):
        bench.guard.call("POST /pay", lambda: pytest.fail("must not be called"))


def test_fewer_calls_than_the_minimum_open_nothing(bench: Bench) -> None:
    for _ in range(3):
        bench.fail()
    assert bench.guard.state == "closed"


def test_failures_that_left_the_window_no_longer_count(bench: Bench) -> None:
    for _ in range(3):
        bench.fail()
    bench.now_s += 11
    bench.fail()
    assert bench.guard.state == "closed"


def test_refusals_are_no_failures(bench: Bench) -> None:
    for _ in range(6):
        bench.fail(PeerRefused("sold out", 409))
    assert bench.guard.state == "closed"


def test_slow_calls_open_the_breaker_too(bench: Bench) -> None:
    for _ in range(4):
        bench.succeed(took_s=1.5)
    assert bench.guard.state == "open"
    assert bench.told()[0]["circuit_breaker.reason"] == ("slow call rate 100% of 4 calls reached 60% (slow: over 1 s)")


def test_after_its_time_calls_on_trial_close_it_or_open_it_again(bench: Bench) -> None:
    for _ in range(4):
        bench.fail()
    bench.now_s += 5
    bench.succeed()
    assert bench.guard.state == "half_open"
    bench.fail()
    assert bench.guard.state == "open"
    bench.now_s += 5
    bench.succeed()
    bench.succeed()
    assert bench.guard.state == "closed"


def test_every_change_is_a_log_record_and_an_event_of_the_span_that_caused_it(bench: Bench) -> None:
    with bench.tracers.get_tracer("test").start_as_current_span("order") as span:
        for _ in range(4):
            bench.fail()
    expected = {
        "circuit_breaker.name": "payments",
        "circuit_breaker.target": "payments",
        "circuit_breaker.state.previous": "closed",
        "circuit_breaker.state": "open",
        "circuit_breaker.reason": "failure rate 100% of 4 calls reached 50%",
    }
    (log,) = bench.logs.get_finished_logs()
    assert log.log_record.event_name == "circuit_breaker.state_change"
    assert dict(log.log_record.attributes or {}) == expected
    assert log.log_record.trace_id == span.get_span_context().trace_id
    (finished,) = bench.spans.get_finished_spans()
    assert [(event.name, dict(event.attributes or {})) for event in finished.events] == [
        ("circuit_breaker.state_change", expected)
    ]


def test_the_state_is_a_set_of_series_of_which_one_is_1(bench: Bench) -> None:
    states = ("closed", "open", "half_open", "forced_open", "disabled")
    bench.succeed()
    assert bench.points("circuit_breaker.state") == {f"circuit_breaker.state={s}": int(s == "closed") for s in states}
    for _ in range(4):
        bench.fail()
    assert bench.points("circuit_breaker.state") == {f"circuit_breaker.state={s}": int(s == "open") for s in states}


def test_calls_are_counted_by_outcome_and_slowness(bench: Bench) -> None:
    bench.succeed()
    bench.succeed(took_s=2)
    bench.fail()
    bench.fail()
    bench.fail() if bench.guard.state == "closed" else None
    with pytest.raises(CircuitBreakerOpen):
        bench.guard.call("POST /pay", lambda: None)
    assert bench.points("circuit_breaker.calls") == {
        "circuit_breaker.outcome=success": 1,
        "circuit_breaker.outcome=success,circuit_breaker.slow=True": 1,
        "circuit_breaker.outcome=failure": 2,
        "circuit_breaker.outcome=rejected": 1,
    }
    assert bench.points("circuit_breaker.transitions") == {
        "circuit_breaker.state=open,circuit_breaker.state.previous=closed": 1
    }


def test_rates_are_told_once_there_are_enough_calls_and_thresholds_always(bench: Bench) -> None:
    bench.succeed()
    assert bench.points("circuit_breaker.failure_rate") == {}
    assert bench.points("circuit_breaker.failure_rate.threshold") == {"": 0.5}
    assert bench.points("circuit_breaker.slow_call_duration.threshold") == {"": 1}
    assert bench.points("circuit_breaker.open_duration") == {"": 5}
    assert bench.points("circuit_breaker.minimum_calls") == {"": 4}
    for _ in range(2):
        bench.succeed()
    bench.fail()
    assert bench.points("circuit_breaker.failure_rate") == {"": 0.25}
    assert bench.points("circuit_breaker.slow_call_rate") == {"": 0}


def test_a_rejected_call_is_a_short_failed_client_span_of_the_call_s_name(bench: Bench) -> None:
    for _ in range(4):
        bench.fail()
    with pytest.raises(CircuitBreakerOpen):
        bench.guard.call("POST /pay", lambda: None)
    (span,) = bench.spans.get_finished_spans()
    assert (span.name, span.kind, span.status.status_code) == (
        "POST /pay",
        trace.SpanKind.CLIENT,
        trace.StatusCode.ERROR,
    )
    assert dict(span.attributes or {}) == {
        "service.peer.name": "payments",
        "error.type": "CircuitBreakerOpen",
        "circuit_breaker.name": "payments",
        "circuit_breaker.state": "open",
        "circuit_breaker.outcome": "rejected",
    }
    assert span.instrumentation_scope is not None
    assert span.instrumentation_scope.name == SCOPE


def test_more_calls_at_a_time_than_the_bulkhead_holds_are_rejected(bench: Bench) -> None:
    inside, leave = threading.Barrier(3), threading.Event()

    def stay() -> None:
        inside.wait(60)
        leave.wait(60)

    callers = [threading.Thread(target=bench.guard.call, args=("POST /pay", stay)) for _ in range(2)]
    for caller in callers:
        caller.start()
    inside.wait(60)
    with pytest.raises(BulkheadFull, match="payments: too many calls under way"):
        bench.guard.call("POST /pay", lambda: None)
    leave.set()
    for caller in callers:
        caller.join(60)
    assert [span.attributes["error.type"] for span in bench.spans.get_finished_spans() if span.attributes] == [
        "BulkheadFull"
    ]
    bench.succeed()


def test_setting_a_breaker_by_hand_says_so(bench: Bench) -> None:
    reason: Callable[..., str] = bench.guard._watched.reason
    assert reason("closed", "forced_open") == "set by hand"
