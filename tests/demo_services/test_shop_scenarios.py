"""The whole shop with traffic on a real collector: the map that it makes, and every scenario's promises."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from running_collector import RunningCollector, running_collector
from running_dashboard import running_dashboard
from running_shop import RunningShop, running_shop
from waiting import poll_until
from watched_pages import WatchedPages, watched_pages

from demo_services.fault_command import FaultClient
from demo_services.scenario_play import Outcome, play
from demo_services.scenarios import SCENARIOS
from demo_services.services import MAIL, PROVIDER, SERVICES, expected_edges, first_edges
from demo_services.signs import BreakerBecomes, HealthBecomes

pytestmark = pytest.mark.alone

QUICK = {
    "breaker_open_s": "1.5",
    "breaker_window_s": "3",
    "breaker_minimum_calls": "4",
    "metrics_interval_s": "1",
    "health_interval_s": "1",
    "saga_lease_s": "2",
    "lease_s": "3",
    "heartbeat_s": "0.5",
    "timeout_s": "1.6",
    "breaker_slow_call_s": "0.8",
}
PACE = 0.5
PATIENCE = 6.0
"""Machines that test may be slow and busy; promises are about what is seen, not how fast the machine is."""
LANES = (
    ("slow-provider", "provider-down", "cascading-timeouts", "crash-and-resume", "database-lock", "inventory-down"),
    ("broker-backlog", "rate-limit", "clock-skew", "lost-context", "bad-instance"),
    ("cache-stampede",),
)
"""Lanes are played side by side: what happens in one touches no promise of another."""
AFTERWARDS = ("retry-storm", "bad-release")
"""These fail catalog, without which there are no orders."""


@pytest.fixture(scope="module")
def collector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCollector]:
    """One that draws the edges to what is outside after a second."""
    with running_collector(tmp_path_factory.mktemp("collector"), pairing_grace_s="1") as running:
        yield running


@pytest.fixture(scope="module")
def shop(collector: RunningCollector, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    folder = tmp_path_factory.mktemp("shop")
    options = ("--traffic-rate", "3")
    with running_shop(collector.otlp_http, folder, *options, collector_api=collector.api, **QUICK) as shop:
        poll_until(lambda: first_edges() <= edges(collector), "a complete first map")
        yield shop


@pytest.fixture(scope="module")
def watched(browser: Any, shop: RunningShop, collector: RunningCollector) -> Iterator[WatchedPages]:
    """The pages of breakers and of health, which note what they come to show."""
    with running_dashboard(collector.api) as url, watched_pages(browser, url) as pages:
        yield pages


@pytest.fixture(scope="module")
def outcomes(shop: RunningShop, collector: RunningCollector) -> dict[str, list[Outcome]]:
    """Of every scenario, by name."""

    def play_all(names: tuple[str, ...]) -> dict[str, list[Outcome]]:
        faults = FaultClient(shop.registry)
        return {name: play(SCENARIOS[name], shop.gateway, faults, collector.api, PACE, PATIENCE) for name in names}

    poll_until(lambda: expected_edges() <= edges(collector), "the whole map")
    with ThreadPoolExecutor(len(LANES)) as lanes:
        played = {name: result for lane in lanes.map(play_all, LANES) for name, result in lane.items()}
    return played | play_all(AFTERWARDS)


def edges(collector: RunningCollector) -> set[tuple[str, str]]:
    found = collector.get("/topology", start="-10m")["edges"]
    return {(edge["source"], edge["target"]) for edge in found}


def test_the_map_shows_every_call_of_the_table_and_no_other(shop: RunningShop, collector: RunningCollector) -> None:
    def others() -> set[tuple[str, str]]:
        return {edge for edge in edges(collector) - expected_edges() if not edge[1].startswith("database:redis")}

    poll_until(lambda: expected_edges() <= edges(collector), f"edges {expected_edges() - edges(collector)}")
    assert others() == set()
    nodes = {node["name"]: node for node in collector.get("/topology", start="-10m")["nodes"]}
    assert nodes["users"]["instances"] == ["users-1", "users-2"]
    assert nodes["catalog"]["versions"] == ["1.0.2"]
    assert {nodes[PROVIDER]["kind"], nodes[MAIL]["kind"]} == {"external"}


def test_every_service_tells_the_collector_how_it_is(shop: RunningShop, collector: RunningCollector) -> None:
    expected = {name for name in SERVICES if name not in (PROVIDER, MAIL)}

    def reported() -> dict[str, list[str]]:
        services = collector.get("/health")["services"]
        return {
            service["name"]: [instance["id"] for instance in service["instances"] if instance["source"] == "push"]
            for service in services
        }

    poll_until(lambda: expected <= {name for name, pushed in reported().items() if pushed}, f"reports of {expected}")
    assert reported()["inventory"] == ["inventory-1", "inventory-2"]


def test_every_call_has_a_breaker_that_the_collector_knows(shop: RunningShop, collector: RunningCollector) -> None:
    expected = {
        (service.name, callee) for service in SERVICES.values() for callee in service.calls if callee != "registry"
    } | {("payments", PROVIDER), ("notifications", MAIL), ("orders", "redis"), ("catalog", "redis")}

    def known() -> set[tuple[str, str]]:
        return {(breaker["service"], breaker["target"]) for breaker in collector.get("/breakers")["breakers"]}

    poll_until(lambda: expected <= known(), f"breakers {expected}")


def test_every_scenario_is_played() -> None:
    assert sorted([name for lane in LANES for name in lane] + list(AFTERWARDS)) == sorted(SCENARIOS)


@pytest.mark.browser
def test_what_scenarios_promise_of_breakers_and_health_is_seen_in_the_browser(
    watched: WatchedPages, outcomes: dict[str, list[Outcome]]
) -> None:
    """The pages are open before the first scenario begins, and note what they show. Unkept promises are the next test's."""
    kept = [outcome.promise.sign for found in outcomes.values() for outcome in found if outcome.seen]
    breakers = [sign for sign in kept if isinstance(sign, BreakerBecomes)]
    healths = [sign for sign in kept if isinstance(sign, HealthBecomes)]
    assert breakers
    assert healths

    def unseen() -> list[object]:
        return [sign for sign in breakers if not watched.showed_breaker(sign.service, sign.target, sign.state)] + [
            sign for sign in healths if not watched.showed_health(sign.service, sign.instance, sign.statuses)
        ]

    poll_until(lambda: not unseen(), f"{unseen()} in {watched.noted()}")
    lamp = watched.noted()["lamps"][f"payments → {PROVIDER}"]
    assert lamp[0] == "Closed"
    assert "Closed" in lamp[lamp.index("Open") :]
    assert {"Open", "Half-open", "Closed"} <= set(watched.noted()["changes"][f"payments {PROVIDER}"])
    assert watched.complaints == []


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_keeps_its_promises(outcomes: dict[str, list[Outcome]], name: str) -> None:
    broken = [outcome.promise for outcome in outcomes[name] if not outcome.seen]
    assert broken == []
