"""The page of one breaker in a real browser: the numbers of its story, its states, what stands beside it."""

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from otlp_requests import Span, request, trace_id
from otlp_signals import Point, Record, logs, metrics
from readable import hard_to_read, lightness
from running_collector import RunningCollector, running_collector
from waiting import poll_until

from dashboard import ids

pytestmark = pytest.mark.browser

HOSTILE = '<img src=x onerror="window.hacked=1">'
SECOND_NS = 10**9
BODY = f"#{ids.BREAKER_BODY}"
PEER = {"server.address": "10.0.0.7"}
ABOUT = {"circuit_breaker.name": HOSTILE, "circuit_breaker.target": "payments"}


def spans_around(opened_ns: int) -> list[Span]:
    """Four calls that succeed, three that fail, an opening, two refused calls: orders asks payments for gateway."""
    refused = {
        "error.type": "CircuitBreakerOpen",
        "service.peer.name": "payments",
        **ABOUT,
        "circuit_breaker.state": "open",
    }
    kinds: list[tuple[int, dict[str, Any]]] = [
        *((second, {"attributes": PEER}) for second in range(-20, -16)),
        *((second, {"error": True, "attributes": {**PEER, "error.type": HOSTILE}}) for second in range(-10, -7)),
        *((second, {"error": True, "attributes": refused}) for second in (1, 2)),
    ]  # fmt: skip
    spans = []
    for number, (second, call) in enumerate(kinds):
        at_ns, trace = opened_ns + second * SECOND_NS, f"page-{number}"
        failed = "error" in call
        spans += [
            Span("gateway", "root", "", trace, "POST /checkout", "server", at_ns, 9 * 10**6, error=failed),
            Span("gateway", "ask", "root", trace, "POST", "client", at_ns, 8 * 10**6),
            Span("orders", "serve", "ask", trace, "POST /orders", "server", at_ns, 7 * 10**6),
            Span("orders", "call", "serve", trace, "POST /pay", "client", at_ns, 6 * 10**6, **call),
        ]
        if second < 0:
            spans.append(Span("payments", "pay", "call", trace, "POST /pay", "server", at_ns, 5 * 10**6, error=failed))
    return spans


@pytest.fixture(scope="module")
def collector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCollector]:
    with running_collector(tmp_path_factory.mktemp("collector"), breakers_stale_min_s="600") as running:
        opened_ns = (time.time_ns() // SECOND_NS - 60) * SECOND_NS
        spans = spans_around(opened_ns)
        running.send(*(request([span], {"service.instance.id": f"{span.service}-1"}) for span in spans))
        names = {"state.previous": "closed", "state": "open", "reason": "failure rate 43 % of 7 calls"}
        about = {**ABOUT, **{f"circuit_breaker.{key}": value for key, value in names.items()}}
        told = Record(
            event="circuit_breaker.state_change", attributes=about, at_ns=opened_ns, trace_id=trace_id("page-6")
        )
        assert running.post(logs("orders", [told], "orders-1").SerializeToString(), "logs").status_code == 200
        points = [
            Point("circuit_breaker.state", 1, {**ABOUT, "circuit_breaker.state": "open"}, "updown"),
            Point("circuit_breaker.failure_rate.threshold", 0.4, ABOUT),
            Point("resilience4j.bulkhead.available.concurrent.calls", 3, {"name": "till"}),
        ]
        body = metrics("orders", points, "orders-1", "spanscape.circuit_breaker").SerializeToString()
        assert running.post(body, "metrics").status_code == 200
        poll_until(lambda: running.get("/breakers/transitions")["transitions"], "the opening")
        poll_until(lambda: running.get("/breakers/lamps")["lamps"] and story(running)["before"]["groups"], "the story")
        poll_until(lambda: running.get("/breakers/lamps")["lamps"][0]["thresholds"], "the threshold")
        yield running


def story(collector: RunningCollector) -> Any:
    return collector.get(f"/breakers/{collector.get('/breakers/lamps')['lamps'][0]['id']}/story")


@pytest.fixture
def shown(page, collector):
    page.goto("/breakers?range=15m")
    page.locator(".lamp-link").first.click()
    page.locator(f"{BODY} .story-summary").wait_for()
    return page


def test_the_story_on_the_page_has_the_numbers_of_the_api(shown, collector):
    told = story(collector)
    summary = shown.locator(".story-summary").inner_text()
    assert f"{told['before']['failed']} of {told['before']['calls']} calls failed" in summary
    assert f"{told['rejected']['count']} calls were refused" in summary
    assert (told["before"]["failed"], told["before"]["calls"], told["rejected"]["count"]) == (3, 7, 2)
    assert "It has not closed since." in summary
    groups = shown.eval_on_selector_all(
        ".story-groups tbody tr",
        "rows => rows.map(row => Array.from(row.cells).slice(0, 3).map(cell => cell.textContent))",
    )
    assert groups == [[HOSTILE, "orders-1 → payments-1", "3"]]
    entry = told["entries"][0]
    felt = shown.locator(".story-entries li").first.inner_text()
    assert f"{entry['service']} {entry['name']}" in felt
    assert f"{entry['failed']} of {entry['requests']} requests failed" in felt
    assert shown.evaluate("window.hacked") is None


def test_the_last_call_before_the_opening_leads_to_its_trace(shown, collector):
    drop = story(collector)["last_drop"]
    shown.get_by_role("link", name="Trace of the last failed or slow call before it opened").click()
    shown.wait_for_url(f"**/trace/{drop['trace_id']}#span={drop['span_id']}")


def test_settings_guards_instances_and_evidence_are_beside_it(shown, collector):
    body = shown.locator(BODY)
    body.get_by_text("Opens at a failure rate of").wait_for()
    assert "40 %" in body.locator(".settings").inner_text()
    assert body.locator(".guards li").inner_text().splitlines() == ["Bulkheads", "till", "3 free"]
    instances = body.get_by_role("table", name="Instances").locator("tbody tr")
    assert instances.count() == 1
    assert re.fullmatch(r".*\d (s|min|m).* \(\d.* %\)", instances.locator("td").nth(3).inner_text())
    assert body.get_by_role("table", name="Evidence").locator("tbody tr").count() >= 2
    assert body.locator(".openings a[aria-current]").count() == 1
    assert body.locator(".lanes").first.get_by_label("orders-1").count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_and_the_list_can_be_read_in_both_schemes_at_900_px(browser, dashboard_url, collector, scheme):
    page = browser.new_page(base_url=dashboard_url, color_scheme=scheme, viewport={"width": 900, "height": 900})
    page.set_default_timeout(60_000)
    page.goto(f"/breakers/{collector.get('/breakers/lamps')['lamps'][0]['id']}")
    page.locator(".story-groups").wait_for()
    assert hard_to_read(page) == []
    assert (lightness(page) > 383) == (scheme == "light")
    page.goto("/breakers")
    page.locator(".lamp-row").first.wait_for()
    assert hard_to_read(page) == []
    page.close()


def test_an_unknown_breaker_says_so(page, collector):
    page.goto("/breakers/0000000000000000")
    page.get_by_text("No such breaker").wait_for()
