"""A system that runs in two environments and fares badly in one of them, sent over real sockets."""

import time
from typing import Any

import requests
from otlp_requests import Span, request
from otlp_signals import Point, Record, logs, metrics
from running_collector import RunningCollector
from waiting import poll_until

PRODUCTION, STAGING = "production", "staging"
SECOND_NS = 10**9
NAMESPACES = {PRODUCTION: "bank", STAGING: "lab"}
"""Namespaces by environment."""


def about(environment: str, service: str, version: str = "") -> dict[str, str]:
    found = {"deployment.environment.name": environment, "service.namespace": NAMESPACES[environment]}
    found["service.instance.id"] = f"{service}-{environment}"
    return found | ({"service.version": version} if version else {})


def push(collector: RunningCollector, service: str, instance: str, status: str) -> None:
    answer = requests.post(
        f"{collector.api}/api/v1/health/{service}", params={"instance": instance}, json={"status": status}, timeout=60
    )
    answer.raise_for_status()


def send_system(collector: RunningCollector) -> None:
    """`till` runs in both environments: well in production; in staging all calls fail, one instance says that it is down,
    its breaker is open, a fault was injected and a version appeared. `cellar` runs in staging alone and fares as badly.
    `mailer` says of its health that it is down, and not where it runs; `scribe` sends logs from staging, and no spans."""
    now_ns = time.time_ns()
    for environment, version, ago_s in ((PRODUCTION, "1", 60), (STAGING, "1", 60), (STAGING, "2", 40)):
        at: dict[str, Any] = {"kind": "server", "start_ns": now_ns - ago_s * SECOND_NS}
        for service in ("till", "cellar") if environment == STAGING else ("till",):
            calls = [
                Span(
                    service,
                    f"{service}{number}",
                    trace=f"{environment} {version} {service} {number}",
                    name=f"GET /{environment}",
                    error=environment == STAGING,
                    attributes={f"only.in.{environment}": f"value of {environment}", "common": environment},
                    **at,
                )
                for number in range(30)
            ]
            collector.send(request(calls, about(environment, service, version)))
    orphan = Span("till", "orphan", parent="nowhere", trace="orphan", **at)
    collector.send(request([orphan], about(STAGING, "till", "1")))
    for instance, status in ((f"till-{PRODUCTION}", "UP"), (f"till-{STAGING}", "DOWN")):
        push(collector, "till", instance, status)
    push(collector, "mailer", "mailer-1", "DOWN")
    for environment, now in ((PRODUCTION, "closed"), (STAGING, "open")):
        for ago_s, state in ((20, "closed"), (0, now)):
            words = {"name": "vault", "state": state}
            point = Point("resilience4j.circuitbreaker.state", 1, words, at_ns=now_ns - ago_s * SECOND_NS)
            body = metrics("till", [point], f"till-{environment}")
            assert collector.post(body.SerializeToString(), "metrics").status_code == 200
    fault = Record(event="fault.injected", attributes={"fault.kind": "latency"})
    place = {"deployment.environment.name": STAGING}
    for body in (logs("till", [fault], f"till-{STAGING}", **place), logs("scribe", [Record("hello")], **place)):
        assert collector.post(body.SerializeToString(), "logs").status_code == 200
    poll_until(lambda: health(collector).get("cellar", {}).get("status") == "unhealthy", "the calls to be judged", 60)
    poll_until(lambda: "breaker_open" in rules(health(collector)["till"]), "the service that runs in both")
    poll_until(lambda: len(events(collector, kinds="breaker")) == 1, "the breaker that opened")


def health(collector: RunningCollector, **scope: str) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in collector.get("/health", **scope)["services"]}


def rules(service: dict[str, Any]) -> set[str]:
    return {reason["rule"] for reason in service["reasons"]}


def events(collector: RunningCollector, **wanted: str) -> list[str]:
    return [one["title"] for one in collector.get("/events", **wanted)["events"]]
