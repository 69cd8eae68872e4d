"""What one service's page asks: when it was last seen, its versions side by side, its logs."""

from dataclasses import replace
from typing import Any

import pytest
from api_answers import MINUTE_NS, ask, minutes_ago, problem
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from otlp_requests import Span, key_values, request, trace_id
from running_collector import RunningCollector
from waiting import poll_until

from collector.api import models, service_models

START_NS = minutes_ago(20)
WINDOW = {"start": str(START_NS), "end": str(START_NS + 10 * MINUTE_NS)}
MS = 10**6
RECORDS = (("INFO", 9, "started"), ("WARN", 13, "slow"), ("error", 0, "no number"), ("FATAL", 21, "gone"))


def log_request() -> ExportLogsServiceRequest:
    message = ExportLogsServiceRequest()
    about = message.resource_logs.add()
    about.resource.attributes.extend(key_values({"service.name": "orders"}))
    records = about.scope_logs.add().log_records
    for second, (severity, number, body) in enumerate(RECORDS):
        record = records.add(severity_text=severity, severity_number=number)  # type: ignore[arg-type]
        record.time_unix_nano = START_NS + second * 1000 * MS
        record.body.string_value = body
    records[-1].trace_id = trace_id("t")
    return message


@pytest.fixture(scope="module")
def shop(collector: RunningCollector) -> RunningCollector:
    """orders in two versions, the newer one slower and failing; `retired` sent its last span before the range."""

    def entries(version: str, count: int, ms: int, error: bool = False) -> None:
        entry = Span("orders", "s", kind="server", start_ns=START_NS, duration_ns=ms * MS, error=error)
        spans = [replace(entry, trace=f"{version}/{number}") for number in range(count)]
        collector.send(request(spans, {"service.version": version, "service.instance.id": f"orders-{version}"}))

    entries("1.0", 4, 10)
    entries("2.0", 2, 40, True)
    collector.send(request([Span("retired", "r", kind="server", start_ns=START_NS - 30 * MINUTE_NS)]))
    collector.post(log_request().SerializeToString(), "logs")

    def calls() -> dict[str, int]:
        """By service: a service is known at once, its calls are counted a moment later."""
        return {row["name"]: row["calls"] for row in collector.get("/services", silent="1h", **WINDOW)["services"]}

    poll_until(lambda: calls() == {"orders": 6, "retired": 0}, "both services and the calls")
    return collector


@pytest.mark.parametrize(("silent", "names"), [("", {"orders"}), ("20m", {"orders"}), ("1h", {"orders", "retired"})])
def test_a_silent_service_is_shown_when_asked_for_and_tells_when_it_was_last_seen(
    shop: RunningCollector, silent: str, names: set[str]
) -> None:
    services = ask(shop, models.Services, "/services", silent=silent, **WINDOW)["services"]
    nodes = ask(shop, models.Topology, "/topology", silent=silent, **WINDOW)["nodes"]
    assert {row["name"] for row in services} == {node["name"] for node in nodes} == names
    for row in [*services, *nodes]:
        assert row["silent"] == (row["name"] == "retired") == (row["calls"] == 0)
        assert row["silent"] == (row["last_seen"] < shop.get("/topology", **WINDOW)["start"])


def test_silence_is_looked_for_within_a_day(shop: RunningCollector) -> None:
    assert problem(shop, "/api/v1/services", silent="25h") == (400, "silent: expected at most 24h, got 25h")


def test_versions_side_by_side_the_newest_first(shop: RunningCollector) -> None:
    answer = ask(shop, service_models.Versions, "/services/orders/versions", **WINDOW)
    counts = [
        {key: row[key] for key in ("version", "calls", "errors", "rejected", "instances")} for row in answer["versions"]
    ]
    assert sorted(counts, key=lambda row: row["version"]) == [
        {"version": "1.0", "calls": 4, "errors": 0, "rejected": 0, "instances": 1},
        {"version": "2.0", "calls": 2, "errors": 2, "rejected": 0, "instances": 1},
    ]
    p95 = {row["version"]: row["p95_ms"] for row in answer["versions"]}
    assert p95 == {"1.0": pytest.approx(10, rel=0.02), "2.0": pytest.approx(40, rel=0.02)}
    assert shop.get("/services/nobody/versions", **WINDOW)["versions"] == []


@pytest.mark.parametrize(
    ("asked", "bodies"),
    [
        ({}, ["gone", "no number", "slow", "started"]),
        ({"limit": 2}, ["gone", "no number"]),
        ({"severity": "warn"}, ["gone", "no number", "slow"]),
        ({"severity": "error"}, ["gone", "no number"]),
    ],
)
def test_logs_of_a_service_newest_first_of_a_severity_or_worse(
    shop: RunningCollector, asked: dict[str, Any], bodies: list[str]
) -> None:
    logs = ask(shop, service_models.ServiceLogs, "/services/orders/logs", **WINDOW, **asked)["logs"]
    assert [record["body"] for record in logs] == bodies
    assert logs[0]["trace_id"] == trace_id("t").hex()
