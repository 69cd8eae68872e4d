"""Parts of the page of a service, as data."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from dashboard.components import panel_details, service_view
from dashboard.components.plain import plain
from dashboard.components.service_details import version_links


@pytest.mark.parametrize(
    ("service", "version", "q"),
    [
        ("users", "1.4.0+build.7", "service=users service.version=1.4.0+build.7"),
        ("my users", 'the "best"', 'service="my users" service.version="the \\"best\\""'),
        ("or", "a\\b", 'service="or" service.version="a\\\\b"'),
    ],
)
def test_a_version_leads_to_its_traces(service: str, version: str, q: str) -> None:
    (link,) = version_links(service, [version], "15m")
    assert parse_qs(urlsplit(plain(link)[1]["href"]).query) == {"range": ["15m"], "q": [q]}


def test_what_a_service_is_asked_to_do_comes_before_what_it_does_for_that() -> None:
    numbers = {"errors": 0, "p95_ms": 1.0}
    kinds = (("connect", "client", 90), ("GET /", "server", 40), ("work", "internal", 30), ("hear", "consumer", 20))
    rows = [{"name": name, "kind": kind, "calls": calls, **numbers} for name, kind, calls in kinds]
    table = plain(panel_details.operations(rows)[1])
    assert [row[2][2] for row in table[3][2:]] == ["GET /", "hear", "connect", "work"]


def test_a_step_that_is_not_over_does_not_look_as_if_calls_ceased() -> None:
    now_s = 1_000_000

    def rates(step_s: int, *starts_before_s: int) -> list[float | None]:
        points = [{"start_ns": str((now_s - before) * 10**9), "calls": 600} for before in starts_before_s]
        return panel_details.rates(points, {"step_s": step_s, "as_of_ns": str(now_s * 10**9)})

    assert rates(60, 3600, 60, 30, 29, 0) == [10.0, 10.0, 20.0, None, None]
    assert rates(7200, 7200, 3600) == [600 / 7200, 600 / 3600]


def test_the_page_waits_for_numbers_in_their_places() -> None:
    service: Any = {
        "name": "web",
        "namespace": "shop",
        "environments": [],
        "versions": ["1"],
        "instances": ["a"],
        "silent": False,
        "calls": 1,
        "errors": 0,
        "rejected": 0,
        "p50_ms": 1.0,
        "p95_ms": 1.0,
        "p99_ms": 1.0,
        "health": "healthy",
    }
    refused = {"source": "service:shop", "target": "service:web", "kind": "call", "calls": 4, "errors": 1}
    topology: Any = {"nodes": [], "edges": [refused]}
    waiting, there = service_view.waiting("web", "5m"), service_view.heading(service, "web", topology, "5m")
    assert plain(waiting[0]) == plain(there[0])
    facts = plain(there[1])[2:]
    assert [fact[2] for fact in plain(waiting[1])[2:]] == [fact[2] for fact in facts]
    assert ("Errors", "0") in [(fact[2][2], fact[3][2]) for fact in facts]
    assert "25 %" in str(next(fact for fact in facts if fact[2][2] == "Fail for callers"))
    refused["calls"] = 500  # a small share is said none the less
    rare = plain(service_view.heading(service, "web", topology, "5m")[1])
    assert "0.2 %" in str(rare)
