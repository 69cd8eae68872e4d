"""The health pages in a real browser: the grid is what the collector answers, a service's page has its checks and reasons."""

from typing import Any

import pytest
import requests
from otlp_requests import Span, request
from readable import hard_to_read, lightness
from running_collector import RunningCollector
from waiting import poll_until

from dashboard import ids
from dashboard.components.health_words import WORDS, shown_status

pytestmark = pytest.mark.browser

HOSTILE = '<img src=x onerror="window.hacked=1">'
BODY = f"#{ids.HEALTH_BODY}"
REPORTS = (
    ("till", "till-1", {"status": "pass"}),
    ("till", "till-2", {"status": "warn", "checks": {"queue:length": [{"status": "warn", "observedValue": 900}]}}),
    ("cellar", "cellar-1", {"status": "DOWN", "components": {"db": {"status": "DOWN", "details": {"error": HOSTILE}}}}),
    ("attic", "attic-1", {"status": "OUT_OF_SERVICE"}),
    (HOSTILE, "i1", {"status": "Healthy", "entries": {"redis": {"status": "Healthy", "duration": "00:00:00.0400000"}}}),
)


def push(collector: RunningCollector, service: str, instance: str, report: dict[str, Any]) -> None:
    path = f"{collector.api}/api/v1/health/{requests.utils.quote(service, safe='')}"
    answer = requests.post(path, params={"instance": instance}, json=report, timeout=60)
    assert answer.status_code == 202, answer.text


@pytest.fixture(scope="module", autouse=True)
def reports(collector: RunningCollector) -> None:
    """till calls cellar, which is down; attic is in maintenance."""
    for service, instance, report in REPORTS:
        push(collector, service, instance, report)
    at = {"trace": "health", "duration_ns": 10**7}
    spans = [
        Span("till", "root", kind="server", **at),
        Span("till", "ask", parent="root", kind="client", **at),
        Span("cellar", "answer", parent="ask", kind="server", **at),
    ]
    collector.send(*(request([span], {"service.instance.id": f"{span.service}-1"}) for span in spans))
    poll_until(lambda: collector.get("/topology", start="-5m")["edges"], "the edge")
    poll_until(lambda: len(collector.get("/health")["services"]) == 4, "the services")


def grid(page) -> dict[str, Any]:
    """By service: its word, and the labels of its tiles."""
    return page.eval_on_selector_all(
        ".health-row",
        """rows => Object.fromEntries(rows.map(row => [row.dataset.service, {
            word: row.querySelector('.health-words').textContent,
            tiles: Array.from(row.querySelectorAll('.tile'), tile => tile.getAttribute('aria-label')).sort()}]))""",
    )


def expected(collector: RunningCollector) -> dict[str, Any]:
    return {
        service["name"]: {
            "word": WORDS[shown_status(service)],
            "tiles": sorted(
                f"{one['id'] or 'no id'}: {WORDS[shown_status(one)].lower()}" for one in service["instances"]
            ),
        }
        for service in collector.get("/health")["services"]
    }


def test_the_grid_equals_the_api_and_maintenance_does_not_alarm(page, collector):
    page.goto("/health")
    page.locator(".health-row").first.wait_for()
    poll_until(lambda: grid(page) == expected(collector), "the grid to be as the API")
    assert grid(page)["attic"]["word"] == "Maintenance"
    assert list(grid(page))[-1] == "attic"
    assert page.locator(".health-row-unhealthy[data-service=attic]").count() == 0
    till = page.locator(".health-row[data-service=till]")
    till.get_by_text("Calls cellar, which is not healthy.").wait_for()
    page.locator(".health-row[data-service=cellar]").get_by_text("cellar-1: It reports health DOWN (db).").wait_for()
    assert till.locator(".health-strip svg").get_attribute("aria-label") == "till: Last 6 hours"
    assert page.evaluate("window.hacked") is None


def shown_rows(page) -> list[str]:
    return page.eval_on_selector_all(".health-row:not([hidden])", "rows => rows.map(row => row.dataset.service)")


def test_services_are_filtered_by_text_and_status_and_the_address_keeps_it(page, collector):
    page.goto("/health")
    page.locator(".health-row").first.wait_for()
    page.locator(f"#{ids.HEALTH_FIND}").fill("cellar-1")
    poll_until(lambda: shown_rows(page) == ["cellar"], "the service of an instance")
    page.locator(f"#{ids.HEALTH_FIND}").fill("nobody")
    page.get_by_text("No service matches.").wait_for()
    page.locator(f"#{ids.HEALTH_FIND}").fill("")
    page.locator("[data-health=maintenance]").click()
    poll_until(lambda: shown_rows(page) == ["attic"], "what is in maintenance")
    assert "status=maintenance" in page.url
    page.locator(f"#{ids.HEALTH_SHOWN}").get_by_text("1 of 4 services").wait_for()
    push(collector, "attic", "attic-2", {"status": "OUT_OF_SERVICE"})
    page.locator(".health-row[data-service=attic] .tile").nth(1).wait_for()  # drawn anew
    assert shown_rows(page) == ["attic"]
    page.goto("/health?find=till&status=degraded")
    page.locator(".health-row[data-service=till]").wait_for(state="attached")
    poll_until(lambda: page.locator("[data-health=degraded]").get_attribute("aria-pressed") == "true", "the chip")
    assert set(shown_rows(page)) <= {"till"}
    assert page.locator(f"#{ids.HEALTH_FIND}").input_value() == "till"


def test_a_report_is_seen_in_the_grid_and_in_the_changes(page, collector):
    page.goto("/health")
    tile = page.locator(".health-row[data-service=till] .tile-unhealthy")
    assert tile.count() == 0
    push(collector, "till", "till-2", {"status": "fail", "output": "no paper"})
    tile.wait_for()
    page.locator(".health-feed li").filter(has_text="till-2").filter(has_text="Unhealthy").first.wait_for()
    push(collector, "till", "till-2", {"status": "pass"})
    tile.wait_for(state="detached")


def test_a_services_page_has_its_reasons_checks_and_neighbours(page, collector):
    page.goto("/health")
    page.locator(".health-row[data-service=cellar] .card-title").click()
    body = page.locator(f"#{ids.SERVICE_HEALTH_BODY}")
    instance = body.locator(".instance").filter(has_text="cellar-1")
    instance.locator("summary").click()
    check = instance.locator(".health-checks tbody tr").filter(has_text="db")
    assert check.locator("td").nth(1).inner_text() == "Unhealthy"
    assert HOSTILE in check.locator("td").nth(4).inner_text()

    def said() -> list[str]:
        services = collector.get("/health")["services"]
        return [reason["text"] for one in services if one["name"] == "cellar" for reason in one["reasons"]]

    shown = body.locator(".why").first.locator("li > span:nth-child(2)")
    poll_until(lambda: shown.all_inner_texts() == said(), "the reasons of the API")
    push(collector, "cellar", "cellar-1", {"status": "DOWN", "components": {"disk": {"status": "UP"}}})
    instance.locator(".health-checks").get_by_text("disk").wait_for()  # drawn anew, and still open
    page.goto("/health/till")
    page.locator(".depends li").filter(has_text="cellar").wait_for()
    page.goto(f"/health/{requests.utils.quote(HOSTILE, safe='')}")
    page.locator(".instance summary").first.click()
    page.locator(".health-checks").get_by_text("40 ms").wait_for()
    assert page.evaluate("window.hacked") is None


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_pages_can_be_read_in_both_schemes_at_900_px(browser, dashboard_url, collector, scheme):
    page = browser.new_page(base_url=dashboard_url, color_scheme=scheme, viewport={"width": 900, "height": 900})
    page.set_default_timeout(60_000)
    page.goto("/health")
    page.locator(".health-row").first.wait_for()
    assert hard_to_read(page) == []
    assert (lightness(page) > 383) == (scheme == "light")
    page.goto("/health/cellar")
    page.locator(".instance summary").first.click()
    page.locator(".health-checks").wait_for()
    assert hard_to_read(page) == []
    page.close()


def test_the_badge_is_copied(page, collector):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/health/till")
    page.get_by_text("Embed this status").click()
    page.get_by_role("button", name="Copy Markdown").click()
    page.get_by_text("copied").wait_for()
    text = page.evaluate("navigator.clipboard.readText()")
    assert text == f"![health of till]({collector.api}/api/v1/health/badge.svg?service=till)"
    assert requests.get(text.split("(")[1][:-1], timeout=60).headers["Content-Type"].startswith("image/svg+xml")


def test_an_unknown_service_says_so(page):
    page.goto("/health/nobody")
    page.get_by_text("Nothing is known of nobody").wait_for()
