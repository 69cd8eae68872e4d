"""Whoever chose an environment hears of nothing that happened in another one, and of all that happened there: health, events,
the doctor, completion. One system of two environments, over real sockets."""

from typing import Any

import pytest
import requests
from running_collector import RunningCollector
from two_environments import NAMESPACES, PRODUCTION, STAGING, events, health, rules, send_system
from waiting import poll_until


@pytest.fixture(scope="module")
def system(collector: RunningCollector) -> RunningCollector:
    send_system(collector)
    return collector


def test_a_service_is_judged_by_its_calls_instances_and_breakers_there(system: RunningCollector) -> None:
    everywhere, production, staging = (
        health(system, **scope) for scope in ({}, {"environment": PRODUCTION}, {"environment": STAGING})
    )
    assert {name: one["status"] for name, one in production.items()} == {"till": "healthy", "mailer": "unhealthy"}
    assert [one["id"] for one in production["till"]["instances"]] == [f"till-{PRODUCTION}"]
    assert all(
        "0 % of its 30 calls" in one["text"] for one in production["till"]["reasons"] if one["rule"] == "calls_succeed"
    )
    assert {name: one["status"] for name, one in staging.items()} == dict.fromkeys(
        ("till", "cellar", "mailer"), "unhealthy"
    )
    assert {"all_instances_unhealthy", "mostly_errors", "breaker_open"} <= rules(staging["till"])
    assert {"some_instances_unhealthy", "breaker_open"} <= rules(everywhere["till"])
    assert everywhere["cellar"]["reasons"] == staging["cellar"]["reasons"]


@pytest.mark.parametrize(("environment", "status"), [(PRODUCTION, "healthy"), (STAGING, "unhealthy"), ("", "degraded")])
def test_the_map_the_services_and_the_summary_show_that_status(
    system: RunningCollector, environment: str, status: str
) -> None:
    scope = {"environment": environment}

    def shown(path: str, key: str, field: str) -> Any:
        return next(one[field] for one in system.get(path, **scope)[key] if one["name"] == "till")

    poll_until(lambda: shown("/topology", "nodes", "health") == status, "the map")
    assert shown("/services", "services", "health") == status
    assert shown("/health/summary", "services", "status") == status
    badge = requests.get(f"{system.api}/api/v1/health/badge.svg", params={**scope, "service": "till"}, timeout=60)
    assert status in badge.text


def test_what_happened_elsewhere_is_no_event_here(system: RunningCollector) -> None:
    elsewhere = {
        f"Breaker vault is open (till-{STAGING})",
        f"till-{STAGING} is unhealthy",
        "cellar is unhealthy",
        "till is unhealthy",
        "Fault injected: latency",
        "till 1 → 2",
    }
    told = {"till is healthy", f"till-{PRODUCTION} is healthy", "mailer is unhealthy"}
    poll_until(lambda: elsewhere <= set(events(system, environment=STAGING)), "what happened in staging")
    poll_until(lambda: told <= set(events(system, environment=PRODUCTION)), "what happened in production")
    here, there = (set(events(system, environment=each)) for each in (PRODUCTION, STAGING))
    assert not elsewhere & here
    assert not {"till is healthy", f"till-{PRODUCTION} is healthy", "till is degraded"} & there
    changes = system.get("/health/history", environment=PRODUCTION, service="till", start="-1h")["changes"]
    assert {one["to"] for one in changes} <= {"healthy", "unknown"}


def test_events_of_a_namespace_are_of_its_services(system: RunningCollector) -> None:
    told = {"cellar is unhealthy", "Fault injected: latency", "till 1 → 2"}
    poll_until(lambda: told <= set(events(system, namespace=NAMESPACES[STAGING])), "what happened in its services")
    assert "cellar is unhealthy" not in events(system, namespace=NAMESPACES[PRODUCTION])
    assert "till 1 → 2" not in events(system, namespace=NAMESPACES[PRODUCTION])


@pytest.mark.parametrize("scope", [{"environment": STAGING}, {"namespace": NAMESPACES[STAGING]}])
def test_the_doctor_judges_the_spans_there(system: RunningCollector, scope: dict[str, str]) -> None:
    def checks(**wanted: str) -> dict[str, Any]:
        return {one["id"]: one for one in system.get("/doctor", start="-5m", **wanted)["checks"]}

    poll_until(lambda: checks()["missing_parents"]["count"] == 1, "the orphan to be settled")
    there = checks(**scope)
    assert there["missing_parents"]["count"] == 1
    assert there["nothing"]["status"] == "ok"
    other = {"environment": PRODUCTION} if "environment" in scope else {"namespace": NAMESPACES[PRODUCTION]}
    here = checks(**other)
    if "environment" in scope:
        assert here["missing_parents"]["count"] == 0
        assert [one["text"] for one in there["services_without_spans"]["examples"]] == ["scribe: only logs"]
    assert here["services_without_spans"]["count"] == 0
    nowhere = checks(environment="nowhere")
    assert (nowhere["nothing"]["status"], nowhere["missing_parents"]["count"]) == ("problem", 0)


def test_what_is_written_elsewhere_only_is_not_suggested(system: RunningCollector) -> None:
    def keys(**scope: str) -> set[str]:
        return {one["name"] for one in system.get("/attributes/keys", prefix="only", **scope)["keys"]}

    def values(key: str, **scope: str) -> list[str]:
        return sorted(one["value"] for one in system.get(f"/attributes/{key}/values", **scope)["values"])

    assert keys() == {f"only.in.{PRODUCTION}", f"only.in.{STAGING}"}
    assert keys(environment=PRODUCTION) == {f"only.in.{PRODUCTION}"}
    for environment, services in ((PRODUCTION, ["till"]), (STAGING, ["cellar", "till"])):
        scope = {"environment": environment}
        assert values("common", **scope) == [environment]
        assert values("service", **scope) == services
        assert f"GET /{environment}" in values("operation", **scope)
        assert len([one for one in values("operation", **scope) if one.startswith("GET")]) == 1
        namespace = {"namespace": NAMESPACES[environment]}
        assert values("service", **namespace) == services
    assert values("service", environment="nowhere") == values("common", namespace="nowhere") == []


def test_the_page_of_a_breaker_is_of_the_instances_there(system: RunningCollector) -> None:
    (known,) = system.get("/breakers", service="till")["breakers"]
    for environment, state in ((PRODUCTION, "closed"), (STAGING, "open")):
        scope = {"environment": environment}
        one = system.get(f"/breakers/{known['id']}", **scope)
        assert (one["state"], [each["id"] for each in one["instances"]]) == (state, [f"till-{environment}"])
    story = f"{system.api}/api/v1/breakers/{known['id']}/story"
    answers = [
        requests.get(story, params={"environment": each}, timeout=60).status_code for each in (PRODUCTION, STAGING)
    ]
    assert answers == [404, 200]
