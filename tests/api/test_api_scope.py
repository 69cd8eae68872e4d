"""`environment` and `namespace`: which services an answer is about."""

from functools import cache
from typing import Any

import pytest
import requests
from api_answers import MINUTE_NS, minutes_ago
from otlp_requests import Span, request
from running_collector import RunningCollector
from waiting import poll_until


@cache
def start_ns() -> int:
    """One minute for all tests, shortly before the first of them: health forgets who was silent for a quarter of an hour."""
    return minutes_ago(5)


def window() -> dict[str, str]:
    return {"start": str(start_ns()), "end": str(start_ns() + MINUTE_NS)}


def call(trace: str, caller: str, callee: str) -> list[Span]:
    """The callee answers and asks a database of its own."""
    at: dict[str, Any] = {"trace": trace, "start_ns": start_ns()}
    database = {"db.system.name": "redis", "server.address": f"{callee}-db"}
    return [
        Span(caller, "root", kind="server", **at),
        Span(caller, "out", parent="root", kind="client", **at),
        Span(callee, "in", parent="out", kind="server", **at),
        Span(callee, "query", parent="in", kind="client", attributes=database, **at),
    ]


@pytest.fixture(scope="module")
def shops(collector: RunningCollector) -> RunningCollector:
    """gateway -> orders in production and billing -> ledger in staging, which says so as it was said before; both also
    send spans as `shared`, and `web` calls orders from a namespace of its own."""
    production = {"deployment.environment.name": "production", "service.namespace": "shop"}
    staging = {"deployment.environment": "staging", "service.namespace": "bank"}
    shared = Span("shared", "s", kind="server", start_ns=start_ns())
    collector.send(request([*call("p", "gateway", "orders"), shared], production))
    collector.send(request([*call("s", "billing", "ledger"), shared], staging))
    web, out, answer, _ = call("w", "web", "orders")
    collector.send(request([web, out], {**production, "service.namespace": "edge"}))
    collector.send(request([answer], production))
    requests.post(
        f"{collector.api}/api/v1/health/mailer", params={"namespace": "shop"}, json={"status": "UP"}, timeout=60
    ).raise_for_status()
    poll_until(lambda: len(collector.get("/topology", **window())["edges"]) == 5, "the five edges")
    return collector


@pytest.mark.parametrize(
    ("scope", "names"),
    [
        ({}, {"billing", "gateway", "ledger", "orders", "shared", "web"}),
        ({"environment": "production"}, {"gateway", "orders", "shared", "web"}),
        ({"environment": "staging"}, {"billing", "ledger", "shared"}),
        ({"namespace": "shop"}, {"gateway", "orders", "shared"}),
        ({"environment": "staging", "namespace": "bank"}, {"billing", "ledger", "shared"}),
        ({"environment": "staging", "namespace": "shop"}, set()),
        ({"environment": "' OR 1=1 --"}, set()),
    ],
)
def test_services_of_an_environment_or_namespace(
    shops: RunningCollector, scope: dict[str, str], names: set[str]
) -> None:
    services = shops.get("/services", **window(), **scope)["services"]
    assert {service["name"] for service in services} == names
    assert all(
        service["environments"] == ["production", "staging"] for service in services if service["name"] == "shared"
    )


def test_a_map_of_a_namespace_has_its_services_with_their_databases(shops: RunningCollector) -> None:
    graph = shops.get("/topology", **window(), namespace="shop")
    assert {node["name"] for node in graph["nodes"]} == {"gateway", "orders", "shared", "redis@orders-db"}
    ends = {(edge["source"], edge["target"]) for edge in graph["edges"]}
    assert ends == {("service:gateway", "service:orders"), ("service:orders", "database:redis@orders-db")}


def test_a_database_counts_only_calls_of_services_in_scope(shops: RunningCollector) -> None:
    def calls(**scope: str) -> dict[str, int]:
        graph = shops.get("/topology", **window(), **scope)
        return {node["name"]: node["calls"] for node in graph["nodes"] if node["kind"] == "database"}

    both = {"db.system.name": "redis", "server.address": "both-db"}
    at: dict[str, Any] = {"kind": "client", "attributes": both, "start_ns": start_ns()}
    for environment, namespace, service in (("production", "shop", "gateway"), ("staging", "bank", "billing")):
        about = {"deployment.environment.name": environment, "service.namespace": namespace}
        shops.send(request([Span(service, "ask", trace=service, **at)], about))
    poll_until(lambda: calls().get("redis@both-db") == 2, "both calls of the database")
    assert calls(environment="staging") == {"redis@ledger-db": 1, "redis@both-db": 1}


def test_health_knows_what_only_reports_by_its_namespace(shops: RunningCollector) -> None:
    def names(**scope: str) -> set[str]:
        return {service["name"] for service in shops.get("/health", **scope)["services"]}

    assert names(namespace="shop") == {"gateway", "orders", "shared", "mailer"}
    assert names(environment="production", namespace="shop") == {"gateway", "orders", "shared"}


@pytest.mark.parametrize(
    ("scope", "services"),
    [
        ({}, {"billing", "gateway", "ledger", "orders", "shared", "web"}),
        ({"environment": "staging"}, {"billing", "ledger", "shared"}),
        ({"namespace": "edge"}, {"web"}),
        ({"environment": "nowhere"}, set()),
    ],
)
def test_a_search_is_for_spans_of_an_environment_or_namespace(
    shops: RunningCollector, scope: dict[str, str], services: set[str]
) -> None:
    facets = shops.get("/traces/facets", **window(), **scope)
    assert {value["value"] for value in facets["facets"][0]["values"]} == services
    for sort in ("start", "spans"):
        assert len(shops.get("/traces", sort=sort, **window(), **scope)["traces"]) == facets["traces"]
