"""`environment` and `namespace`: what an answer is about."""

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
    have a `shared`, which was asked once in production and fails twice in staging, and `web` calls orders from a namespace
    of its own."""
    production = {"deployment.environment.name": "production", "service.namespace": "shop"}
    staging = {"deployment.environment": "staging", "service.namespace": "bank"}
    at: dict[str, Any] = {"kind": "server", "start_ns": start_ns()}
    asked = [Span("shared", "s", trace="shared", name="GET /fast", **at)]
    failed = [Span("shared", f"s{n}", trace=f"shared {n}", name="GET /slow", error=True, **at) for n in (1, 2)]
    mine = {"service.version": "1", "service.instance.id": "shared-p"}
    theirs = {"service.version": "2", "service.instance.id": "shared-s"}
    collector.send(request(call("p", "gateway", "orders"), production), request(asked, {**production, **mine}))
    collector.send(request(call("s", "billing", "ledger"), staging), request(failed, {**staging, **theirs}))
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


@pytest.mark.parametrize(
    ("scope", "about"),
    [
        ({}, (3, 2, ["production", "staging"], ["1", "2"], ["shared-p", "shared-s"])),
        ({"environment": "production"}, (1, 0, ["production"], ["1"], ["shared-p"])),
        ({"environment": "staging"}, (2, 2, ["staging"], ["2"], ["shared-s"])),
        ({"environment": "staging", "namespace": "bank"}, (2, 2, ["staging"], ["2"], ["shared-s"])),
    ],
)
def test_numbers_versions_and_instances_are_of_the_environment_alone(
    shops: RunningCollector, scope: dict[str, str], about: tuple[Any, ...]
) -> None:
    told = ("calls", "errors", "environments", "versions", "instances")
    graph = shops.get("/topology", **window(), **scope)
    for row in (*shops.get("/services", **window(), **scope)["services"], *graph["nodes"]):
        if row["name"] == "shared":
            assert tuple(row[key] for key in told) == about
    environment = {"environment": scope.get("environment", "")}
    path, calls = "/services/shared", about[0]
    for call_ in ("operations", "versions"):
        assert sum(row["calls"] for row in shops.get(f"{path}/{call_}", **window(), **environment)[call_]) == calls
    (point,) = shops.get(f"{path}/timeseries", **window(), **environment)["points"]
    assert (point["calls"], point["errors"]) == about[:2]


def test_the_whole_system_over_time_is_that_of_an_environment(shops: RunningCollector) -> None:
    def calls(**scope: str) -> int:
        (point,) = shops.get("/timeseries", **window(), **scope)["points"]
        return int(point["calls"])

    for scope in ({}, {"environment": "production"}, {"environment": "staging"}):
        services = shops.get("/services", **window(), **scope)["services"]
        assert calls(**scope) == sum(service["calls"] for service in services) > 0


def test_a_call_between_environments_is_on_the_maps_of_both(shops: RunningCollector) -> None:
    minute_ns = start_ns() - 2 * MINUTE_NS
    then = {"start": str(minute_ns), "end": str(minute_ns + MINUTE_NS)}
    at: dict[str, Any] = {"trace": "across", "start_ns": minute_ns}
    caller = Span("caller", "out", kind="client", environment="lab", **at)
    shops.send(request([caller, Span("callee", "in", "out", kind="server", error=True, environment="hall", **at)]))
    ends = ("service:caller", "service:callee")

    def seen(environment: str) -> dict[str, Any]:
        return shops.get("/topology", **then, environment=environment)

    poll_until(lambda: seen("lab")["edges"] and seen("hall")["edges"], "the call on both maps")
    for environment, other in (("lab", "callee"), ("hall", "caller")):
        graph = seen(environment)
        assert [((edge["source"], edge["target"]), edge["calls"], edge["errors"]) for edge in graph["edges"]] == [
            (ends, 1, 1)
        ]
        where = {node["name"]: node["environments"] for node in graph["nodes"]}
        assert where == {"caller": ["lab"], "callee": ["hall"]}
        (service,) = shops.get("/services", **then, environment=environment)["services"]
        assert service["name"] != other
        (point,) = shops.get("/topology/timeseries", source=ends[0], target=ends[1], environment=environment, **then)[
            "points"
        ]
        assert (point["calls"], point["errors"]) == (1, 1)
    assert shops.get("/topology/timeseries", source=ends[0], environment="staging", **then)["points"] == []


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
    assert names(environment="production", namespace="shop") == {"gateway", "orders", "shared", "mailer"}
    assert "mailer" not in names(environment="production", namespace="edge")


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
