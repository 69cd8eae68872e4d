"""The page of a service in a real browser: what it says does not wait for its charts, and nothing moves when they come."""

from typing import Any

import pytest
from otlp_requests import Span, request, trace_id
from playwright.sync_api import expect
from running_collector import RunningCollector
from waiting import poll_until

pytestmark = pytest.mark.browser
expect.set_options(timeout=60_000)

OPERATIONS = ".service-section:has(h2:text-is('Operations'))"


@pytest.fixture(scope="module", autouse=True)
def telemetry(collector: RunningCollector) -> None:
    """web calls users, in two versions: one trace each. What stock answers is an error for its caller alone."""
    for version in ("1.3.0", "1.4.0"):
        at = {"trace": version, "duration_ns": 10**7}
        collector.send(request([Span("web", "call", kind="client", name="ask", **at)]))
        served = Span("users", "serve", parent="call", kind="server", name="GET /me", **at)
        collector.send(request([served], {"service.version": version}))

    at = {"trace": "refused", "duration_ns": 10**7}
    refused = Span("web", "take", kind="client", name="take", error=True, **at)
    collector.send(request([refused, Span("stock", "serve", parent="take", kind="server", **at)]))

    def counted() -> int:
        return sum(edge["calls"] for edge in collector.get("/topology")["edges"])

    poll_until(lambda: counted() == 3, "all calls")


def test_numbers_and_operations_do_not_wait_for_charts_and_stay_where_they_are(page: Any) -> None:
    held: list[Any] = []
    is_held = True

    def hold(route: Any) -> None:
        if is_held:
            held.append(route)
        else:
            route.continue_()

    page.route("**/plotly/**", hold)
    page.goto("/service/users?range=1h")
    expect(page.locator(OPERATIONS)).to_contain_text("GET /me")
    expect(page.locator(".service .trace-facts")).to_contain_text("1.3.0, 1.4.0")
    assert page.locator(".service-charts .main-svg").count() == 0
    before = page.locator(OPERATIONS).bounding_box()
    is_held = False
    for route in held:
        route.continue_()
    expect(page.locator(".service-charts .main-svg").first).to_be_visible()
    expect(page.locator(".service-charts .scatterlayer path").first).to_be_attached()
    assert page.locator(OPERATIONS).bounding_box() == before


def test_plotly_comes_once(page: Any) -> None:
    page.goto("/service/users?range=1h")
    expect(page.locator(".service-charts .main-svg").first).to_be_visible()
    entries = "performance.getEntriesByType('resource').map(one => one.name).filter(name => name.includes('/plotly/'))"
    assert len(set(page.evaluate(entries))) == 1


def test_a_version_leads_to_its_traces(page: Any) -> None:
    page.goto("/service/users?range=1h")
    page.locator(".versions-table").get_by_role("link", name="1.4.0").click()
    expect(page.locator(".trace-open")).to_have_count(1)
    expect(page.locator(".trace-open")).to_have_attribute("href", f"/trace/{trace_id('1.4.0').hex()}")


def test_the_table_of_services_says_what_fails_for_callers_and_sorts_by_it(page: Any) -> None:
    page.goto("/services?range=1h")
    names = page.locator(".ag-center-cols-container .ag-row[row-index='0'] .service-cell a")
    expect(page.locator(".ag-row:has(a:text-is('stock')) [col-id=error_share]")).to_have_text("⚠ 100 %own 0 %")
    expect(page.locator(".ag-row:has(a:text-is('users')) [col-id=error_share]")).to_have_text("0 %")
    expect(names).to_have_text("stock")
    header = page.locator(".ag-header-cell[col-id=error_share]")
    header.click()
    expect(header).to_have_attribute("aria-sort", "ascending")
    header.click()
    expect(header).to_have_attribute("aria-sort", "descending")
    expect(names).to_have_text("stock")
    expect(page.locator(".ag-row[row-index='1'] .service-cell a")).to_have_text("web")
