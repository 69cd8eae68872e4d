"""Health that arrives over OTLP is a report like any other."""

from dataclasses import replace
from typing import Any

import pytest
from otlp_signals import Point, metrics
from running_collector import RunningCollector
from waiting import poll_until

URL = {"http.url": "http://web.shop:8080/health", "http.method": "GET"}


def classes(active: str) -> list[Point]:
    return [
        Point("httpcheck.status", float(one == active), {**URL, "http.status_class": one}, "updown")
        for one in ("1xx", "2xx", "3xx", "4xx", "5xx")
    ]


def of_url(host: str, points: list[Point]) -> list[Point]:
    url = {"http.url": f"http://{host}:8080/health"}
    return [replace(point, attributes={**point.attributes, **url}) for point in points]


def phases(active: str) -> list[Point]:
    phase = "k8s.pod.status.phase"
    return [Point(phase, float(one == active), {phase: one}, "updown") for one in ("Pending", "Running", "Failed")]


def reports(**counts: float) -> list[Point]:
    label = "dotnet.health_check.status"
    return [Point("dotnet.health_check.reports", n, {label: status}, "counter") for status, n in counts.items()]


CASES: dict[str, tuple[str, list[Point], dict[str, str], str]] = {
    "httpcheck, by the URL's host": ("web.shop", classes("5xx"), {}, "unhealthy"),
    "httpcheck, the answer is not as it should be": (
        "body.shop",
        [
            *of_url("body.shop", classes("2xx")),
            *of_url(
                "body.shop",
                [
                    Point("httpcheck.validation.failed", 1, {"validation.type": "json_path"}, "updown"),
                    Point("httpcheck.duration", 12, {}),
                ],
            ),
        ],
        {},
        "degraded",
    ),
    "httpcheck, the certificate ends within days": (
        "cert.shop",
        [
            *of_url("cert.shop", classes("2xx")),
            *of_url("cert.shop", [Point("httpcheck.tls.cert_remaining", 3 * 86400)]),
        ],
        {},
        "degraded",
    ),
    ".NET": ("till", reports(Healthy=7, Degraded=0, Unhealthy=0), {}, "healthy"),
    "Kubernetes, not ready": (
        "cart",
        [Point("k8s.container.ready", 0, {}, "updown"), *phases("Running")],
        {"k8s.deployment.name": "cart", "k8s.pod.name": "cart-1"},
        "unhealthy",
    ),
    "Kubernetes, through Prometheus": (
        "mail",
        [Point("k8s_container_ready", 1)],
        {"k8s.deployment.name": "mail", "k8s.pod.name": "mail-1"},
        "healthy",
    ),
    "Kubernetes, a container that fails to start": (
        "jobs",
        [
            *phases("Running"),
            Point("k8s.container.status.state", 1, {"k8s.container.status.state": "waiting"}, "updown"),
            Point("k8s.container.status.reason", 1, {"k8s.container.status.reason": "CrashLoopBackOff"}, "updown"),
        ],
        {"k8s.deployment.name": "jobs", "k8s.pod.name": "jobs-1"},
        "unhealthy",
    ),
    "hardware": (
        "disks",
        [
            Point("hw.status", 1, {"hw.state": "degraded", "hw.id": "sda"}),
            Point("hw.status", 0, {"hw.state": "ok", "hw.id": "sda"}),
        ],
        {},
        "degraded",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_metrics_of_health_are_reports(collector: RunningCollector, name: str) -> None:
    service, points, resource, status = CASES[name]
    sender = "" if resource else service
    message = metrics(sender, points, "" if resource else "i1", **resource)
    if resource:
        attributes = message.resource_metrics[0].resource.attributes
        kept = [one for one in attributes if not one.key.startswith("service.")]
        del attributes[:]
        attributes.extend(kept)
    assert collector.post(message.SerializeToString(), "metrics").status_code == 200

    def found() -> dict[str, Any]:
        return next((one for one in collector.get("/health")["services"] if one["name"] == service), {})

    poll_until(lambda: found().get("status") == status, f"{service} to be {status}")
    assert {one["source"] for one in found()["instances"]} == {"otlp"}
    assert [one["id"] for one in found()["instances"]] == [resource.get("k8s.pod.name", "i1")]


def test_the_counter_that_rose_last_tells(collector: RunningCollector) -> None:
    for counts in ({"Healthy": 5, "Unhealthy": 1}, {"Healthy": 5, "Unhealthy": 2}):
        message = metrics("turned", reports(**counts))
        assert collector.post(message.SerializeToString(), "metrics").status_code == 200

    def status() -> str:
        return next((one["status"] for one in collector.get("/health")["services"] if one["name"] == "turned"), "")

    poll_until(lambda: status() == "unhealthy", "the status that rose last")


FULL = "outbound|8080||stock.shop.svc.cluster.local"


@pytest.mark.parametrize(
    ("service", "prefix", "about", "members", "status", "said"),
    [
        ("stock", f"cluster.{FULL}.", {}, {"healthy": 0, "total": 2}, "unhealthy", "0 of 2 members healthy"),
        (
            "ledger",
            "envoy_cluster_",
            {"envoy_cluster_name": "ledger"},
            {"healthy": 3, "total": 4, "degraded": 1},
            "degraded",
            "3 of 4 members healthy, 1 degraded",
        ),
        (
            "parcels",
            "cluster.",
            {"envoy.cluster_name": "parcels"},
            {"healthy": 1, "total": 2, "excluded": 1},
            "degraded",
            "1 of 2 members healthy, 1 excluded",
        ),
        ("offers", "cluster.", {"envoy.cluster_name": "offers"}, {"healthy": 2}, "healthy", "2 members healthy"),
        ("empty", "cluster.", {"envoy.cluster_name": "empty"}, {"healthy": 0, "total": 0}, "unknown", "no members"),
    ],
)
def test_a_proxy_tells_how_many_members_of_the_service_that_it_calls_are_well(
    collector: RunningCollector,
    service: str,
    prefix: str,
    about: dict[str, str],
    members: dict[str, float],
    status: str,
    said: str,
) -> None:
    points = [Point(f"{prefix}membership_{figure}", value, about) for figure, value in members.items()]
    assert collector.post(metrics("web-proxy", points).SerializeToString(), "metrics").status_code == 200
    check = poll_until(
        lambda: checks_of(collector, service).get("cluster.membership/web-proxy"), f"{service}'s members"
    )
    assert (check["status"], check["raw_status"]) == (status, said)
    assert health_of(collector, service)["status"] == status


def test_a_proxy_tells_of_its_own_health_checks(collector: RunningCollector) -> None:
    """By how they went since the last export: what was counted before is no news."""
    about = {"envoy.cluster_name": "parlour"}

    def told(success: float, failure: float, healthy: float) -> None:
        counts = {"attempt": success + failure, "success": success, "failure": failure}
        points = [Point(f"cluster.health_check.{name}", count, about, "counter") for name, count in counts.items()]
        points.append(Point("cluster.health_check.healthy", healthy, about))
        assert collector.post(metrics("inn-proxy", points).SerializeToString(), "metrics").status_code == 200

    def check() -> tuple[str, str]:
        found = checks_of(collector, "parlour").get("cluster.health_check/inn-proxy", {})
        return found.get("status", ""), found.get("raw_status", "")

    for counts, status, said in (
        ((100, 7, 2), "healthy", "2 members pass"),
        ((103, 8, 1), "degraded", "1 member passes, 1 check failed, 3 passed"),
        ((103, 12, 0), "unhealthy", "0 members pass, 4 checks failed"),
        ((109, 12, 2), "healthy", "2 members pass, 6 passed"),
    ):
        told(*counts)
        poll_until(lambda status=status, said=said: check() == (status, said), said)


def test_an_inbound_cluster_is_the_proxys_own_service(collector: RunningCollector) -> None:
    points = [Point("cluster.membership_healthy", 1, {"envoy.cluster_name": "inbound|8080||"})]
    assert collector.post(metrics("larder", points).SerializeToString(), "metrics").status_code == 200
    poll_until(lambda: checks_of(collector, "larder"), "the check of larder")
    assert health_of(collector, "inbound") == {}


def health_of(collector: RunningCollector, service: str) -> dict[str, Any]:
    return next((one for one in collector.get("/health")["services"] if one["name"] == service), {})


def checks_of(collector: RunningCollector, service: str) -> dict[str, Any]:
    """By name."""
    instances = health_of(collector, service).get("instances", [])
    return {check["name"]: check for instance in instances for check in instance["checks"]}
