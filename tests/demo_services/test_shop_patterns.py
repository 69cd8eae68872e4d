"""The patterns that services share, each alone: balancing, faults, sagas, outbox, bus, health, pace of traffic."""

import math
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fakeredis
import pytest
import sqlalchemy as sa
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from waiting import poll_until

from demo_services.common.balancing import Balancer, Instance
from demo_services.common.bus import Consumer, Publisher
from demo_services.common.errors import BadInput, PaymentDeclined, PeerRefused, PeerUnavailable
from demo_services.common.events import Event
from demo_services.common.fault_effects import planned_file, read_plan
from demo_services.common.faults import Fault, FaultBoard, new_fault, seconds
from demo_services.common.guard import Guards
from demo_services.common.health import ErrorRate, Finding, Health
from demo_services.common.outbox import Outbox, outbox_table
from demo_services.common.peers import Request
from demo_services.common.saga import Data, Orchestrator, Plan, Saga, SagaLog, Step, saga_table
from demo_services.common.settings import ServiceSettings
from demo_services.common.telemetry import _tracers, telemetry_clock
from demo_services.services import DEAD_LETTERS
from demo_services.traffic import Pace


class Clock:
    def __init__(self, now_s: float = 1_000.0) -> None:
        self.now_s = now_s

    def __call__(self) -> float:
        return self.now_s


TWO = [Instance("a", "http://a"), Instance("b", "http://b")]


def chosen(balancer: Balancer) -> str:
    with balancer.chosen() as instance:
        return instance.id


def test_round_robin_takes_turns() -> None:
    balancer = Balancer("users", lambda: TWO)
    assert [chosen(balancer) for _ in range(4)] == ["a", "b", "a", "b"]


def test_least_outstanding_takes_the_instance_with_fewer_calls_under_way() -> None:
    balancer = Balancer("inventory", lambda: TWO, "least_outstanding")
    with balancer.chosen() as busy:
        assert {chosen(balancer) for _ in range(4)} == {"a", "b"} - {busy.id}


def test_an_instance_that_did_not_answer_is_passed_over_for_a_moment() -> None:
    clock = Clock()
    balancer = Balancer("users", lambda: TWO, now=clock)
    balancer.avoid(TWO[0])
    assert {chosen(balancer) for _ in range(4)} == {"b"}
    clock.now_s += 2
    assert {chosen(balancer) for _ in range(4)} == {"a", "b"}


def test_when_all_did_not_answer_they_are_tried_all_the_same() -> None:
    balancer = Balancer("users", lambda: TWO[:1], now=Clock())
    balancer.avoid(TWO[0])
    assert chosen(balancer) == "a"


def test_without_an_instance_the_service_is_unavailable() -> None:
    with pytest.raises(PeerUnavailable, match="users: no instance is registered"):
        chosen(Balancer("users", list))


@pytest.mark.parametrize("word", ["", ".", ".."])
def test_a_word_that_would_lead_to_another_path_is_not_asked_for(word: str) -> None:
    with pytest.raises(PeerRefused, match="no such thing") as refused:
        Request("GET", "/products/{sku}", {"sku": word}).url("http://catalog")
    assert refused.value.status == 404
    assert Request("GET", "/products/{sku}", {"sku": "a/../b"}).url("http://c") == "http://c/products/a%2F..%2Fb"


@pytest.mark.parametrize(("text", "expected"), [("250ms", 0.25), ("2s", 2), ("1.5m", 90)])
def test_durations_are_read_with_their_units(text: str, expected: float) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize(
    ("kind", "value", "duration_s", "complaint"),
    [
        ("earthquake", "", 1, "kind: one of latency, errors"),
        ("latency", "soon", 1, "a duration like 250ms, 2s or 1m expected, got 'soon'"),
        ("latency", "uniform 1s", 1, '"uniform 100ms 900ms"'),
        ("errors", "1.5", 1, "errors: a number from 0 to 1 expected, got '1.5'"),
        ("memory", "5000", 1, "memory: a number from 1 to 300"),
        ("release", "", 1, "release: a version like 1.1.0 expected"),
        ("clock_skew", "behind 5000m", 1, "a day at most"),
        ("clock_skew", "20s", 1, '"behind 20s" or "ahead 20s" expected'),
        ("hang", "", 0, "duration: above 0 and at most 600 s expected, got 0"),
        ("hang", "", 601, "duration: above 0 and at most 600 s expected, got 601"),
    ],
)
def test_a_wrong_fault_says_what_is_expected(kind: str, value: str, duration_s: float, complaint: str) -> None:
    with pytest.raises(BadInput) as refused:
        new_fault(kind, value, duration_s, now_s=0)
    assert complaint in str(refused.value)


class Chance:
    """A random.Random of one's own choosing."""

    def uniform(self, low: float, high: float) -> float:
        return (low + high) / 2

    def gauss(self, mean: float, _deviation: float) -> float:
        return mean - 10


@pytest.mark.parametrize(
    ("value", "expected"), [("2s", 2), ("", 1), ("uniform 100ms 300ms", 0.2), ("normal 200ms 50ms", 0)]
)
def test_latency_is_fixed_or_drawn_and_never_negative(value: str, expected: float) -> None:
    delay_s = new_fault("latency", value, 1, now_s=0).delay_s(Chance())  # type: ignore[arg-type]
    assert delay_s == pytest.approx(expected)


def test_a_clock_is_behind_or_ahead() -> None:
    assert new_fault("clock_skew", "behind 20s", 1, now_s=0).skew_s == -20
    assert new_fault("clock_skew", "ahead 2m", 1, now_s=0).skew_s == 120


@pytest.fixture
def told() -> list[tuple[str, bool]]:
    return []


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def board(told: list[tuple[str, bool]], clock: Clock) -> FaultBoard:
    def report(fault: Fault, injected: bool) -> None:
        told.append((fault.kind, injected))

    return FaultBoard(report, clock)


def test_a_fault_reverts_when_its_time_is_over(board: FaultBoard, clock: Clock, told: list[tuple[str, bool]]) -> None:
    board.inject("latency", "2s", 10)
    assert board.next_end_s() == 10
    clock.now_s += 9.9
    assert board.active("latency") == Fault("latency", "2s", 1_010.0)
    clock.now_s += 0.1
    assert board.active("latency") is None
    assert told == [("latency", True), ("latency", False)]
    assert board.next_end_s() == math.inf


def test_a_second_fault_of_a_kind_takes_the_place_of_the_first(board: FaultBoard, told: list[tuple[str, bool]]) -> None:
    board.inject("errors", "0.1", 10)
    board.inject("errors", "0.9", 10)
    assert [fault.value for fault in board.list()] == ["0.9"]
    assert told == [("errors", True), ("errors", False), ("errors", True)]


def test_all_faults_can_be_reverted_at_once(board: FaultBoard) -> None:
    board.inject("errors", "0.1", 10)
    board.inject("hang", "", 10)
    board.revert()
    assert board.list() == []


def test_a_plan_left_by_a_former_life_counts_until_its_time_is_over(tmp_path: Path) -> None:
    file = planned_file(tmp_path, "catalog-1")
    assert read_plan(tmp_path, "catalog-1") is None
    file.write_text('{"kind": "release", "value": "1.1.0", "until_epoch_s": 99999999999}')
    plan = read_plan(tmp_path, "catalog-1")
    assert plan is not None
    assert (plan.kind, plan.value, plan.left_s) == ("release", "1.1.0", 600)
    file.write_text('{"kind": "release", "value": "1.1.0", "until_epoch_s": 1}')
    assert read_plan(tmp_path, "catalog-1") is None
    assert not file.exists()


class Desk:
    """A saga of three steps whose behaviour a test sets, over a database in memory."""

    def __init__(self, clock: Clock, forward_only: bool = False) -> None:
        self.done: list[str] = []
        self.failing: dict[str, Exception] = {}
        schema = sa.MetaData()
        engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool, connect_args={"check_same_thread": False})
        table = saga_table(schema)
        schema.create_all(engine)
        self.log = SagaLog(engine, table, lease_s=4, now=clock)
        steps = tuple(Step(name, self._act(name), self._act(f"undo {name}")) for name in ("reserve", "charge"))
        plan = Plan((*steps, Step("confirm", self._act("confirm"))), forward_only)
        self.ends: list[str] = []
        self.orchestrator = Orchestrator(self.log, {"buy": plan}, lambda saga: self.ends.append(saga.status))

    def _act(self, name: str) -> Callable[[Data], Any]:
        def act(_data: Data) -> Data:
            self.done.append(name)
            if name in self.failing:
                raise self.failing[name]
            return {name: True}

        return act

    def begin(self) -> Saga:
        saga = self.orchestrator.new("buy", "saga-1", {"order_id": "1"})
        with self.log.transaction() as connection:
            self.log.add(connection, saga)
        return saga

    def take_up(self) -> Saga | None:
        """What the recovery would do once."""
        saga = self.log.take_abandoned()
        return self.orchestrator.drive(saga) if saga else None


def test_a_saga_does_its_steps_in_order_and_keeps_what_they_found(clock: Clock) -> None:
    desk = Desk(clock)
    saga = desk.orchestrator.drive(desk.begin())
    assert (saga.status, desk.done, desk.ends) == ("completed", ["reserve", "charge", "confirm"], ["completed"])
    assert saga.data == {"order_id": "1", "reserve": True, "charge": True, "confirm": True}
    assert desk.log.find_recent(10)[0].status == "completed"


def test_a_refusal_undoes_the_steps_before_it_latest_first(clock: Clock) -> None:
    desk = Desk(clock)
    desk.failing["confirm"] = PaymentDeclined("no")
    saga = desk.orchestrator.drive(desk.begin())
    assert desk.done == ["reserve", "charge", "confirm", "undo charge", "undo reserve"]
    assert (saga.status, saga.reason, saga.error_status, desk.ends) == ("compensated", "no", 402, ["compensated"])


def test_a_breakdown_undoes_the_step_itself_too_for_it_may_have_been_done(clock: Clock) -> None:
    desk = Desk(clock)
    desk.failing["charge"] = PeerUnavailable("no answer")
    desk.orchestrator.drive(desk.begin())
    assert desk.done == ["reserve", "charge", "undo charge", "undo reserve"]


def test_a_refusal_of_the_first_step_leaves_nothing_to_undo(clock: Clock) -> None:
    desk = Desk(clock)
    desk.failing["reserve"] = PaymentDeclined("no")
    assert desk.orchestrator.drive(desk.begin()).status == "compensated"
    assert desk.done == ["reserve"]


def test_what_cannot_be_undone_waits_and_is_taken_up_later(clock: Clock) -> None:
    desk = Desk(clock)
    desk.failing = {"charge": PaymentDeclined("no"), "undo reserve": PeerUnavailable("no answer")}
    assert desk.orchestrator.drive(desk.begin()).status == "compensating"
    assert [saga.status for saga in desk.log.list_unfinished()] == ["compensating"]
    assert desk.take_up() is None  # not at once
    clock.now_s += 1.1
    del desk.failing["undo reserve"]
    taken = desk.take_up()
    assert taken is not None
    assert (taken.status, taken.reason) == ("compensated", "no")
    assert desk.log.list_unfinished() == []


def test_a_saga_whose_driver_died_is_taken_up_by_one_other_where_it_stood(clock: Clock) -> None:
    desk = Desk(clock)
    saga = desk.begin()
    desk.log.save(saga.done({}, steps=3))
    clock.now_s += 4.1
    first, second = desk.log.take_abandoned(), desk.log.take_abandoned()
    assert first is not None
    assert second is None
    desk.orchestrator.drive(first)
    assert desk.done == ["charge", "confirm"]


def test_a_saga_that_only_goes_forward_tries_again_instead_of_undoing(clock: Clock) -> None:
    desk = Desk(clock, forward_only=True)
    desk.failing["charge"] = PeerUnavailable("no answer")
    assert desk.orchestrator.drive(desk.begin()).status == "running"
    clock.now_s += 1.1
    desk.failing.clear()
    taken = desk.take_up()
    assert taken is not None
    assert taken.status == "completed"
    assert desk.done == ["reserve", "charge", "charge", "confirm"]


def test_a_saga_that_breaks_does_not_end_the_recovery_of_the_others(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    desk = Desk(clock)
    desk.failing["reserve"] = RuntimeError("unforeseen")
    desk.begin()
    clock.now_s += 4.1  # nobody drives it
    desk.orchestrator.start()
    try:
        poll_until(lambda: "could not be resumed" in caplog.text, "the complaint")
        desk.failing.clear()
        clock.now_s += 4.1
        poll_until(lambda: desk.ends, "the saga's end")
    finally:
        desk.orchestrator.stop()
    assert (desk.done, desk.ends) == (["reserve", "reserve", "charge", "confirm"], ["completed"])


@pytest.fixture
def redis_client() -> Iterator[Any]:
    client = fakeredis.FakeRedis(decode_responses=True)
    yield client
    client.flushall()


def publisher(client: Any, faults: FaultBoard) -> Publisher:
    return Publisher(client, Guards(ServiceSettings()).for_target("redis"), faults)


def test_events_leave_in_order_once_their_transaction_is_committed(redis_client: Any, board: FaultBoard) -> None:
    schema = sa.MetaData()
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool, connect_args={"check_same_thread": False})
    table = outbox_table(schema)
    schema.create_all(engine)
    outbox = Outbox(engine, table, publisher(redis_client, board), board.now)
    with engine.connect() as connection:
        outbox.add(connection, "shop.orders", "order.created", {"id": 0})
        connection.rollback()
    with engine.begin() as connection:
        outbox.add(connection, "shop.orders", "order.created", {"id": 1})
        outbox.add(connection, "shop.orders", "order.confirmed", {"id": 1})

    board.inject("broker_drop", "", 5)
    with pytest.raises(PeerUnavailable):
        outbox.send_some()
    board.revert()
    assert outbox.send_some() == 2
    assert outbox.send_some() == 0
    assert [fields["type"] for _, fields in redis_client.xrange("shop.orders")] == ["order.created", "order.confirmed"]
    assert outbox.oldest_s() == 0


class Taking:
    """A consumer whose handler fails for the ids that a test says."""

    def __init__(self, client: Any, max_deliveries: int = 3) -> None:
        self.client = client
        self.failing: set[str] = set()
        self.handled: list[str] = []
        self.tried = threading.Semaphore(0)
        self.consumer = Consumer(client, "letters", "one", ("shop.orders",), self._handle, 0.02, max_deliveries)

    def _handle(self, event: Event) -> None:
        self.tried.release()
        if event.id in self.failing:
            raise PeerUnavailable("mail is away")
        self.handled.append(event.id)

    def wait_for_tries(self, count: int) -> None:
        for _ in range(count):
            assert self.tried.acquire(timeout=60), f"{count} tries expected, handled {self.handled}"


def test_an_event_that_fails_is_delivered_again_and_then_given_up(redis_client: Any, board: FaultBoard) -> None:
    taking = Taking(redis_client)
    taking.failing = {"bad"}
    sending = publisher(redis_client, board)
    for id_ in ("bad", "good"):
        sending.publish("shop.orders", Event(id_, "order.created", {}))
    taking.consumer.start()
    taking.wait_for_tries(4)  # three for the bad one
    while not redis_client.xlen(DEAD_LETTERS):
        taking.tried.acquire(timeout=0.01)
    taking.consumer.stop()
    ((_, dead),) = redis_client.xrange(DEAD_LETTERS)
    assert (dead["id"], dead["stream"], dead["deliveries"]) == ("bad", "shop.orders", "3")
    assert taking.handled == ["good"]
    assert taking.consumer.backlog() == 0


def test_an_event_keeps_the_context_of_its_cause() -> None:
    event = Event("1", "order.created", {"id": 1}, {"traceparent": "00-1-2-01"})
    assert Event.from_fields(event.as_fields()) == event


def test_the_worst_check_decides_and_needed_ones_decide_readiness() -> None:
    def broken() -> Finding:
        raise PeerUnavailable("no connection")

    health = Health("orders", "orders-1", "1.4.1")
    health.add("disk:utilization", lambda: Finding("warn", 99, "%", "nearly full"))
    health.add("database:responseTime", lambda: Finding("pass"), needed=True)
    report = health.report()
    assert (report["status"], report["checks"]["disk:utilization"][0]["output"]) == ("warn", "nearly full")
    assert report["checks"]["disk:utilization"][0]["observedValue"] == 99
    assert health.report(only_needed=True)["status"] == "pass"
    health.add("database:responseTime", broken, needed=True)
    ready = health.report(only_needed=True)
    assert (ready["status"], ready["checks"]["database:responseTime"][0]["output"]) == ("fail", "no connection")


def test_an_instance_that_fails_many_of_its_latest_requests_is_not_well(clock: Clock) -> None:
    rate = ErrorRate(clock)
    for failed in (True, True, True, True):
        rate.add(failed)
    assert rate.check().status == "pass"  # too few to judge
    rate.add(False)
    assert (rate.check().status, rate.check().value) == ("fail", 80.0)
    for _ in range(15):
        rate.add(False)
    assert (rate.check().status, rate.check().output) == ("warn", "4 of 20 requests failed in 10 s")
    clock.now_s += 11
    assert rate.check().status == "pass"


def test_waves_swing_around_the_mean_rate() -> None:
    def mean_s(at_s: float) -> float:
        pace = Pace(journeys_per_s=2, wave_s=60, seed="1")
        return sum(pace.pause_s(at_s) for _ in range(2_000)) / 2_000

    assert mean_s(15) == pytest.approx(1 / 3.6, rel=0.1)
    assert mean_s(45) == pytest.approx(1 / 0.4, rel=0.1)
    assert Pace(2, 0, "1").pause_s(0) == Pace(2, 0, "1").pause_s(0)


@pytest.mark.parametrize(("ratio", "begun", "continued"), [(0.0, False, True), (1.0, True, True)])
def test_the_sampling_ratio_decides_where_no_caller_has(ratio: float, begun: bool, continued: bool) -> None:
    tracers = _tracers(Resource.create({}), InMemorySpanExporter(), ServiceSettings(sample_ratio=ratio))
    tracer = tracers.get_tracer("test")
    caller = trace.NonRecordingSpan(trace.SpanContext(1, 2, is_remote=True, trace_flags=trace.TraceFlags(1)))
    assert tracer.start_span("a").is_recording() is begun
    assert tracer.start_span("b", trace.set_span_in_context(caller)).is_recording() is continued
    tracers.shutdown()


def test_a_skewed_clock_moves_the_spans_and_not_their_durations() -> None:
    kept = InMemorySpanExporter()
    tracers = _tracers(Resource.create({}), kept, ServiceSettings())
    telemetry_clock.skew_ns = -20 * 10**9
    try:
        tracers.get_tracer("test").start_span("a", start_time=100 * 10**9).end(101 * 10**9)
        tracers.force_flush()
    finally:
        telemetry_clock.skew_ns = 0
        tracers.shutdown()
    assert [(span.start_time, span.end_time) for span in kept.get_finished_spans()] == [(80 * 10**9, 81 * 10**9)]
