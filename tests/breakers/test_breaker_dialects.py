"""Every dialect, sent as real OTLP, is understood in the one form that the API answers in."""

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from dialect_fixtures import FIXTURES, NOW_NS, Fixture
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from otlp_requests import request
from otlp_signals import logs, metrics
from running_collector import RunningCollector, running_collector
from waiting import poll_until

from collector.conventions.breaker_dialects import DIALECTS
from collector.conventions.breakers import Dialect, may_tell_of_transition, metric_names, normal_state
from collector.queries.breaker_recognition import Emitter, Recogniser


def service_of(name: str) -> str:
    return re.sub(r"\W+", "-", name).lower()


def send_all(collector: RunningCollector) -> None:
    """Each fixture as a service of its own, all as if they happened now, in one request a signal."""
    later_ns = time.time_ns() - NOW_NS
    points, records, spans = ExportMetricsServiceRequest(), ExportLogsServiceRequest(), ExportTraceServiceRequest()
    for name, fixture in FIXTURES.items():
        service = service_of(name)
        moved = [
            replace(one, at_ns=one.at_ns + later_ns, start_ns=one.start_ns and one.start_ns + later_ns)
            for one in fixture.points
        ]
        points.MergeFrom(metrics(service, moved, scope=fixture.scope))
        told = [replace(one, at_ns=one.at_ns + later_ns) for one in fixture.records]
        records.MergeFrom(logs(service, told, scope=fixture.scope))
        named = [replace(one, trace=service) for one in fixture.spans]
        sent = request(named, {"service.name": service, "service.instance.id": "i1"})
        for one in sent.resource_spans:
            one.scope_spans[0].spans[0].status.message = fixture.message
        spans.MergeFrom(sent)
    assert collector.post(points.SerializeToString(), "metrics").status_code == 200
    assert collector.post(records.SerializeToString(), "logs").status_code == 200
    collector.send(spans)


@pytest.fixture(scope="module")
def understood(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCollector]:
    """Nothing becomes stale while the tests run."""
    with running_collector(tmp_path_factory.mktemp("dialects"), breakers_stale_min_s="600") as collector:
        send_all(collector)
        yield collector


@pytest.mark.parametrize("name", FIXTURES)
def test_a_dialect_is_understood(understood: RunningCollector, name: str) -> None:
    expected = dict(FIXTURES[name].expected)
    service = expected.get("service", service_of(name))
    transitions, reasons = expected.pop("transitions", None), expected.pop("reasons", None)

    def found() -> list[dict[str, Any]]:
        rows = [one for one in understood.get("/breakers")["breakers"] if one["service"] == service]
        return rows if len(rows) == 1 and rows[0].items() >= expected.items() else []

    try:
        poll_until(found, name, timeout_s=60)
    except AssertionError:
        rows = [one for one in understood.get("/breakers")["breakers"] if one["service"] == service]
        assert [{key: row[key] for key in expected} for row in rows] == [expected]
    if transitions is not None:
        rows = understood.get("/breakers/transitions", service=service)["transitions"]
        assert [(row["from"], row["to"]) for row in reversed(rows)] == transitions
        assert reasons is None or [row["reason"] for row in reversed(rows)] == reasons


def fits(fixture: Fixture, dialect: Dialect) -> set[str]:
    """What of a dialect's entry the fixture's telemetry is an example of: patterns of metrics, events and refusals."""
    read = Recogniser((), ()).read
    emitter = Emitter("any", "", "")
    found = {
        reading.metric.pattern
        for point in fixture.points
        for reading in read(
            point.metric, fixture.scope, emitter, {key: str(word) for key, word in point.attributes.items()}
        )
        if reading.dialect is dialect
    }
    found |= {
        rule.event + rule.text
        for record in fixture.records
        for rule in dialect.events
        if (rule.event and rule.event == record.event) or (rule.text and rule.regex.search(record.body)) or rule.scope
    }
    for span in fixture.spans:
        words = {key: str(word).lower() if word is True else str(word) for key, word in span.attributes.items()}
        for rule in dialect.refusals:
            match = rule.regex.search(words.get(rule.attribute, "") if rule.attribute else fixture.message)
            if words.get("error.type", "").endswith(rule.error) if rule.error else match:
                found.add(rule.error + rule.message + rule.attribute)
    return found


def test_every_line_of_the_table_has_a_fixture() -> None:
    """Each metric, record and refusal of each dialect is sent by one fixture at least."""
    for dialect in DIALECTS:
        sent = {line for fixture in FIXTURES.values() for line in fits(fixture, dialect)}
        lines = {
            *(metric.pattern for metric in dialect.metrics),
            *(event.event + event.text for event in dialect.events),
            *(rule.error + rule.message + rule.attribute for rule in dialect.refusals),
        }
        assert lines - sent == set(), f"{dialect.source}, {dialect.reference}"


def test_what_exporters_append_to_a_name_does_not_matter() -> None:
    for name in (
        "circuit_breaker.failure_rate",
        "circuit_breaker_failure_rate_ratio",
        "circuit_breaker_failure_rate_total",
    ):
        told = Recogniser((), ()).read(
            name, "spanscape.circuit_breaker", Emitter("any", "", ""), {"circuit_breaker.name": "b"}
        )
        assert [(one.fact, one.means, one.breaker.name) for one in told] == [("rate", "failure_rate", "b")], name


def test_records_that_tell_of_a_transition_are_known_before_they_are_read() -> None:
    """So that they do not wait for company on their way in."""
    for name, fixture in FIXTURES.items():
        if fixture.records and fixture.expected.get("transitions"):
            sent = logs("any", fixture.records, scope=fixture.scope).SerializeToString()
            assert may_tell_of_transition(sent), name
    other = logs("any", [replace(FIXTURES["Dapr's log"].records[0], body="order 7 changed")])
    assert not may_tell_of_transition(other.SerializeToString())


def test_every_source_has_a_fixture() -> None:
    assert {dialect.source for dialect in DIALECTS} <= {
        *(fixture.expected.get("source") for fixture in FIXTURES.values()),
        "spanscape",
    }


def test_every_entry_says_where_its_names_come_from() -> None:
    assert all(dialect.reference for dialect in DIALECTS)


@pytest.mark.parametrize(
    ("raw", "state"),
    [
        ("CLOSED", "closed"), ("close", "closed"), ("OPEN", "open"), ("opened", "open"), ("half-open", "half_open"),
        ("HALF_OPEN", "half_open"), ("halfOpen", "half_open"), ("Half Open", "half_open"), ("half-opened", "half_open"),
        ("FORCED_OPEN", "forced_open"), ("Isolated", "forced_open"), ("disabled", "disabled"), ("forceClosed", "disabled"),
        ("METRICS_ONLY", "metrics_only"), ("ajar", "unknown"), ("", "unknown"),
    ],
)  # fmt: skip
def test_words_for_states(raw: str, state: str) -> None:
    assert normal_state(raw) == state


@pytest.mark.parametrize(
    ("metric", "is_ours"),
    [
        ("circuit_breaker.state", True), ("circuit_breaker_state", True), ("resilience4j_circuitbreaker_state", True),
        ("acme.circuit_breaker.state", True), ("http.server.request.duration", False), ("jvm.memory.used", False),
        ("shop_circuit_total", True), ("circuit.perf", False), ("resilience4j_circuitbreaker_failure_rate_percent", True),
        ("circuit_breaker_open_duration_seconds", True), ("circuit_breaker_calls_seconds_sum", False),
    ],
)  # fmt: skip
def test_the_engine_reads_only_metrics_of_breakers(metric: str, is_ours: bool) -> None:
    assert bool(re.fullmatch(metric_names(DIALECTS, ("acme.",)), metric)) is is_ours
