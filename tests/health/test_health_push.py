"""Reports that services push, in every format: detected, or named; and what becomes of them."""

import time
from typing import Any

import pytest
import requests
from otlp_requests import Span, request
from running_collector import RunningCollector
from waiting import poll_until


def push(collector: RunningCollector, service: str, body: Any, **parameters: str) -> requests.Response:
    url = f"{collector.api}/api/v1/health/{service}"
    if isinstance(body, str):
        return requests.post(url, data=body, params=parameters, headers={"Content-Type": "text/plain"}, timeout=60)
    return requests.post(url, json=body, params=parameters, timeout=60)


def health_of(collector: RunningCollector, service: str) -> dict[str, Any]:
    return next((one for one in collector.get("/health")["services"] if one["name"] == service), {})


REPORTS = {
    "actuator": (
        {
            "status": "DOWN",
            "components": {
                "db": {"status": "DOWN", "details": {"error": "timeout"}},
                "circuitBreakers": {"status": "UP", "components": {"pay": {"status": "CIRCUIT_OPEN"}}},
            },
            "groups": ["liveness"],
        },
        ("unhealthy", "DOWN", ["db unhealthy", "circuitBreakers healthy", "circuitBreakers/pay degraded"]),
    ),
    "microprofile": (
        {"status": "UP", "checks": [{"name": "disk", "status": "UP", "data": {"free": 7}}]},
        ("healthy", "UP", ["disk healthy"]),
    ),
    "health+json": (
        {
            "status": "warn",
            "checks": {
                "database:responseTime": [
                    {"status": "warn", "observedValue": 250, "observedUnit": "ms", "output": "slow"},
                    {"status": "pass", "observedValue": 3},
                ]
            },
        },
        ("degraded", "warn", ["database:responseTime degraded", "database:responseTime healthy"]),
    ),
    "aspnet": (
        {
            "status": "Degraded",
            "totalDuration": "00:00:00.0500000",
            "entries": {"redis": {"status": "Unhealthy", "duration": "00:00:00.0123", "description": "no answer"}},
        },
        ("degraded", "Degraded", ["redis unhealthy"]),
    ),
    "grpc": ({"status": "NOT_SERVING"}, ("unhealthy", "NOT_SERVING", [])),
    "kubernetes": ({"probe": "liveness", "result": "failure", "output": "exit 1"}, ("unhealthy", "failure", [])),
    "consul": (
        [
            {"Name": "disk", "Status": "passing"},
            {"Name": "memory", "Status": "warning", "Output": "90 %"},
        ],
        ("degraded", "warning", ["disk healthy", "memory degraded"]),
    ),
    "eureka": ({"instance": {"status": "STARTING", "instanceId": "a"}}, ("unknown", "STARTING", [])),
    "httpcheck": ({"http.status_class": "5xx", "error.message": "refused"}, ("unhealthy", "5xx", [])),
}


@pytest.mark.parametrize("named", [False, True], ids=["detected", "named"])
@pytest.mark.parametrize("name", REPORTS)
def test_a_report_is_understood_in_every_format(collector: RunningCollector, name: str, named: bool) -> None:
    body, expected = REPORTS[name]
    answer = push(collector, f"format-{name}", body, format=name if named else "")
    assert answer.status_code == 202, answer.text
    report = answer.json()
    checks = [f"{check['name']} {check['status']}" for check in report["checks"]]
    assert (report["format"], report["status"], report["raw_status"], checks) == (name, *expected)


def test_a_word_is_a_report(collector: RunningCollector) -> None:
    report = push(collector, "word", "Healthy\n").json()
    assert (report["format"], report["status"]) == ("aspnet", "healthy")


@pytest.mark.parametrize(
    ("body", "named", "detail"),
    [
        ("{", "", "the report is neither JSON nor a single word"),
        ({"answer": 42}, "", "the report has none of the known formats (actuator, aspnet,"),
        ({"status": "UP"}, "kubernetes", "the report has no status where kubernetes has one (result)"),
        ({"pad": "x" * 300_000}, "", "the report is larger than SPANSCAPE_HEALTH_MAX_BODY_BYTES (262144 bytes)"),
    ],
    ids=["cut", "other", "another format", "huge"],
)
def test_what_is_no_report_is_refused(collector: RunningCollector, body: Any, named: str, detail: str) -> None:
    answer = push(collector, "wrong", body, format=named)
    assert answer.status_code == (413 if "larger" in detail else 400)
    assert answer.json()["detail"].startswith(detail)


def test_a_report_is_seen_at_once_with_its_reason_and_its_change(collector: RunningCollector) -> None:
    push(collector, "till", {"status": "pass"}, instance="till-1", namespace="shop")
    push(collector, "till", {"status": "fail", "output": "no paper"}, instance="till-2", namespace="shop")
    found = poll_until(
        lambda: len((one := health_of(collector, "till")).get("instances", [])) == 2 and one, "two instances"
    )
    assert (found["status"], found["namespace"]) == ("degraded", "shop")
    assert found["reasons"][0]["text"] == "1 of 2 instances is unhealthy."
    assert [(one["id"], one["status"], one["source"]) for one in found["instances"]] == [
        ("till-1", "healthy", "push"),
        ("till-2", "unhealthy", "push"),
    ]
    assert found["instances"][1]["reasons"][0]["text"] == "It reports health fail: no paper."
    changes = poll_until(
        lambda: (rows := collector.get("/health/history", service="till")["changes"]) and len(rows) >= 3 and rows,
        "changes",
    )
    assert {(row["instance"], row["to"]) for row in changes} >= {("till-2", "unhealthy"), ("", "degraded")}


def test_what_is_planned_does_not_alarm(collector: RunningCollector) -> None:
    push(collector, "planned", {"status": "OUT_OF_SERVICE"}, instance="p-1")
    push(collector, "planned", {"status": "UP"}, instance="p-2")
    found = poll_until(lambda: len((one := health_of(collector, "planned")).get("instances", [])) == 2 and one, "both")
    assert found["status"] == "healthy"
    assert [one["maintenance"] for one in found["instances"]] == [True, False]


def test_a_service_that_only_sends_spans_is_alive(collector: RunningCollector) -> None:
    collector.send(request([Span("traced", "s", kind="server")], {"service.instance.id": "t-1"}))
    found = poll_until(lambda: health_of(collector, "traced"), "the service")
    assert (found["status"], found["instances"][0]["source"]) == ("healthy", "inferred")


def test_a_report_that_is_not_renewed_expires(tmp_path_factory: pytest.TempPathFactory) -> None:
    from running_collector import running_collector

    folder = tmp_path_factory.mktemp("expiring")
    with running_collector(folder, health_expires_min_s="0.5") as collector:
        for _ in range(2):
            push(collector, "brief", {"status": "pass"}, instance="b-1")
        found = poll_until(
            lambda: (one := health_of(collector, "brief")) and one["status"] == "unknown" and one,
            "the report to expire",
        )
        assert found["instances"][0]["stale"]
        assert found["instances"][0]["reasons"][0]["rule"] == "report_expired"


def test_the_badge_tells_a_services_status_and_its_name_as_text(collector: RunningCollector) -> None:
    push(collector, "<b>", {"status": "fail"})
    poll_until(lambda: health_of(collector, "<b>").get("status") == "unhealthy", "the status")
    picture = requests.get(f"{collector.api}/api/v1/health/badge.svg", params={"service": "<b>"}, timeout=60)
    assert picture.headers["Content-Type"] == "image/svg+xml"
    assert "&lt;b&gt;" in picture.text
    assert "<b>" not in picture.text
    assert ">unhealthy<" in picture.text


def test_the_summary_counts_services(collector: RunningCollector) -> None:
    push(collector, "sum", {"status": "fail"})
    poll_until(lambda: health_of(collector, "sum"), "the service")
    answer = collector.get("/health/summary")
    assert answer["status"] == "unhealthy"
    assert answer["counts"]["unhealthy"] >= 1
    assert sum(answer["counts"].values()) == len(answer["services"])


def test_health_of_a_moment_before_a_report_does_not_know_it(collector: RunningCollector) -> None:
    before = str(time.time_ns())
    push(collector, "later", {"status": "pass"})
    assert all(one["name"] != "later" for one in collector.get("/health", at=before)["services"])
    assert any(one["name"] == "later" for one in collector.get("/health", at="now")["services"])
