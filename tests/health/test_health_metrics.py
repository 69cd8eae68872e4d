"""Health that arrives over OTLP is a report like any other."""

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


def phases(active: str) -> list[Point]:
    phase = "k8s.pod.status.phase"
    return [Point(phase, float(one == active), {phase: one}, "updown") for one in ("Pending", "Running", "Failed")]


def reports(**counts: float) -> list[Point]:
    label = "dotnet.health_check.status"
    return [Point("dotnet.health_check.reports", n, {label: status}, "counter") for status, n in counts.items()]


CASES: dict[str, tuple[str, list[Point], dict[str, str], str]] = {
    "httpcheck, by the URL's host": ("web.shop", classes("5xx"), {}, "unhealthy"),
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


@pytest.mark.parametrize(
    ("cluster", "name", "healthy", "degraded", "status"),
    [
        ("outbound|8080||stock.shop.svc.cluster.local", "cluster.", 0, 0, "unhealthy"),
        ("ledger", "envoy_cluster_", 3, 1, "degraded"),
        ("offers", "cluster.", 2, 0, "healthy"),
    ],
)
def test_a_proxy_tells_of_the_service_that_it_calls(
    collector: RunningCollector, cluster: str, name: str, healthy: int, degraded: int, status: str
) -> None:
    """Of the members of a cluster, how many are healthy as Envoy sees it; the service is the cluster, not the caller."""
    about = {"envoy_cluster_name" if "_" in name else "envoy.cluster_name": cluster}
    points = [
        Point(f"{name}membership_healthy", healthy, about),
        Point(f"{name}membership_degraded", degraded, about),
        Point(f"{name}health_check{name[-1]}healthy", healthy, about),
    ]
    assert collector.post(metrics("web-proxy", points).SerializeToString(), "metrics").status_code == 200
    service = cluster.split("|")[-1].split(".")[0]

    def found() -> dict[str, Any]:
        return next((one for one in collector.get("/health")["services"] if one["name"] == service), {})

    poll_until(lambda: found().get("status") == status, f"{service} to be {status}")
    checks = found()["instances"][0]["checks"]
    assert len([check for check in checks if "web-proxy" in check["name"]]) == 3
