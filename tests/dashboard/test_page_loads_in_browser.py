"""How pages load in a real browser: each alone and one after the other, with the libraries that it shows and no others."""

import re
import time
from typing import Any
from urllib.parse import urlsplit

import pytest
from otlp_requests import Span, request, trace_id
from otlp_signals import Point, metrics
from playwright.sync_api import expect
from running_collector import RunningCollector
from waiting import poll_until

from dashboard import ids

pytestmark = pytest.mark.browser
expect.set_options(timeout=60_000)

TRACE = f"/trace/{trace_id('order').hex()}"
RANGE = "?range=1h"
"""So long that nothing leaves it while the tests run."""
SHOWN = {
    "/": "body:not([data-map='0']) #topology-place .stage-map canvas[data-id=layer2-node]",
    "/services": ".ag-center-cols-container .ag-row",
    "/service/web": ".service-charts .main-svg",
    "/traces": ".trace-open",
    TRACE: "#trace-page .wf-row",
    "/breakers": "#breakers-list .lamp-row",
    "/health": ".health-row",
    "/health/web": ".page.health h1",
    "/doctor": ".page h1",
}
"""What says that a page is there."""
LINKS = ("services", "traces", "breakers", "health", "doctor", "topology")
NEEDED = {"/": {"dash_cytoscape"}, "/services": {"dash_ag_grid"}}
CY = "window.dash_clientside?.spanscape?.cy"
RUN = "Array.from(document.scripts, script => script.src).filter(Boolean)"


@pytest.fixture(scope="module", autouse=True)
def telemetry(collector: RunningCollector) -> None:
    """web calls orders through a breaker."""
    at = {"trace": "order", "duration_ns": 10**7}
    spans = [
        Span("web", "root", name="GET /", kind="server", **at),
        Span("web", "call", parent="root", kind="client", **at),
        Span("orders", "serve", parent="call", kind="server", **at),
        *(Span("orders", f"step {number}", parent="serve", name=f"step {number}", **at) for number in range(60)),
    ]
    collector.send(request(spans))
    words = {"circuit_breaker.name": "orders", "circuit_breaker.state": "closed"}
    points = [Point("circuit_breaker.state", 1.0, words, "updown", time.time_ns())]
    body = metrics("web", points, "i1", "spanscape.circuit_breaker").SerializeToString()
    assert collector.post(body, "metrics").status_code == 200
    answer = poll_until(lambda: collector.get("/breakers/lamps", start="-1h")["lamps"], "the breaker")
    SHOWN[f"/breakers/{answer[0]['id']}"] = ".breaker-head"
    poll_until(lambda: collector.get("/topology", start="-1h")["edges"], "the edge")


@pytest.fixture
def said(page: Any) -> list[str]:
    """All that is written on the console, warnings too."""
    texts: list[str] = []
    page.on("console", lambda message: texts.append(f"{message.type}: {message.text}"))
    return texts


def libraries(page: Any) -> set[str]:
    """Of those that few pages need, the ones whose scripts the page has run."""
    paths = [urlsplit(address).path.split("/") for address in page.evaluate(RUN)]
    return {path[2] for path in paths if path[1] == "_dash-component-suites"} & {
        "dash_cytoscape",
        "dash_ag_grid",
        "plotly",
    }


def at(page: Any, path: str) -> None:
    expect(page.locator(SHOWN[path]).first).to_be_visible()


def test_each_page_opens_with_what_it_needs_and_nothing_on_the_console(page, said):
    for path in list(SHOWN):
        page.goto(path + RANGE)
        at(page, path)
        needed = {"plotly"} if path.startswith("/service/") else NEEDED.get(path, set())
        assert (path, libraries(page), said) == (path, needed, [])


def test_pages_follow_one_another_and_back(page, said):
    page.goto("/traces" + RANGE)
    at(page, "/traces")
    for name in (*LINKS, *LINKS):
        page.locator(f"#nav-{name}").click()
        at(page, "/" if name == "topology" else f"/{name}")
    for name in reversed(LINKS[:-1]):
        page.go_back()
        at(page, f"/{name}")
    page.go_forward()
    at(page, "/traces")
    assert libraries(page) == {"dash_cytoscape", "dash_ag_grid"}
    assert said == []


def test_the_map_and_the_table_work_when_their_libraries_came_later(page):
    page.goto("/health" + RANGE)
    at(page, "/health")
    page.locator("#nav-services").click()
    page.locator(f"#{ids.SERVICES_SEARCH}").fill("ord")
    expect(page.locator(".ag-center-cols-container .ag-row")).to_have_count(1)
    page.locator("#nav-topology").click()
    page.wait_for_function("window.dash_clientside.spanscape.cy?.nodes().length === 2")
    page.evaluate("void dash_clientside.spanscape.cy.nodes()[0].select()")
    page.locator("#topology-panel h2").wait_for()


def test_a_library_that_does_not_come_is_asked_for_again(page, expected_complaints):
    expected_complaints.append("Failed to load resource")
    refused: list[str] = []

    def refuse_first(route: Any) -> None:
        if len(refused) < 2:  # fetched ahead, and to be run
            refused.append(route.request.url)
            route.abort()
        else:
            route.continue_()

    page.route(re.compile("dash_cytoscape"), refuse_first)
    page.goto("/" + RANGE)
    at(page, "/")
    assert len(refused) == 2


def test_a_trace_is_drawn_without_dash_and_stays_when_dash_comes(page, said):
    held: list[Any] = []
    page.route(re.compile("dash_renderer"), lambda route: held.append(route))
    page.goto(TRACE, wait_until="commit")
    early = page.locator(".trace-early")
    expect(early.locator(".wf-row").first).to_be_visible()
    place = early.locator(".wf-row").first.bounding_box()
    early.locator(".wf-find").fill("step 5")
    early.locator(".wf-scroll").evaluate("scroller => { scroller.scrollTop = 400; }")
    page.wait_for_function("document.querySelector('.wf-row').dataset.row > 3")
    held[0].continue_()
    page.unroute(re.compile("dash_renderer"))
    page.locator("#trace-page .wf-row").first.wait_for()
    assert early.count() == 0
    assert page.locator(".wf-find").input_value() == "step 5"
    assert page.evaluate("document.activeElement.matches('.wf-find')")
    assert page.evaluate("document.querySelector('.wf-scroll').scrollTop") == 400
    page.locator(".wf-scroll").evaluate("scroller => { scroller.scrollTop = 0; }")
    expect(page.locator(".wf-row[data-row='0']")).to_be_visible()
    assert page.locator(".wf-row[data-row='0']").bounding_box() == place
    assert said == []


def test_a_link_that_is_followed_before_dash_is_there_leads_to_its_page(page):
    held: list[Any] = []
    page.route(re.compile("dash_renderer"), lambda route: held.append(route))
    page.goto(TRACE, wait_until="commit")
    page.locator(".trace-early .back").click()
    expect(page.locator(".trace-early")).to_have_count(0)
    for route in held:
        route.continue_()
    page.unroute(re.compile("dash_renderer"))
    at(page, "/traces")


def test_the_map_is_drawn_without_dash_and_stays_when_dash_comes(page, said):
    held: list[Any] = []
    page.route(re.compile("dash_renderer"), lambda route: held.append(route))
    page.goto("/" + RANGE + "&sel=service%3Aweb", wait_until="commit")
    page.wait_for_function(f"{CY}?.nodes().length === 2 && {CY}.nodes(':selected').length === 1")
    expect(page.locator(".topology-early .suspects")).to_contain_text("Nothing looks wrong")
    expect(page.locator(".topology-early .panel h2")).to_have_text("web")
    page.evaluate("void (dash_clientside.spanscape.cy.graphOfBefore = true)")
    page.wait_for_function(f"!{CY}.animated()")
    place = page.locator("#topology-graph").bounding_box()
    page.locator(f"#{ids.TOPOLOGY_LABELS}").select_option("Problems")
    for route in held:
        route.continue_()
    page.unroute(re.compile("dash_renderer"))
    page.locator(f"#{ids.TOPOLOGY_PLACE} #topology-graph").wait_for()
    expect(page.locator(".topology-early")).to_have_count(0)
    expect(page.locator(f"#{ids.TOPOLOGY_PANEL_BODY} dl").first).to_be_visible()
    assert page.locator("#topology-graph").bounding_box() == place
    assert page.evaluate(f"{CY}.graphOfBefore")
    assert page.locator(f"#{ids.TOPOLOGY_LABELS}").input_value() == "problems"
    assert [words for words in said if "was preloaded" not in words] == []


def test_the_map_is_as_the_viewer_left_it_when_another_page_was_seen(page, collector):
    page.goto("/" + RANGE)
    at(page, "/")
    page.evaluate(f"void {CY}.getElementById('service:web').position({{x: 70, y: 250}}).emit('dragfree')")
    page.evaluate(f"void {CY}.getElementById('service:web').select()")
    expect(page.locator(f"#{ids.TOPOLOGY_PANEL_BODY} dl").first).to_be_visible()
    page.locator("#nav-health").click()
    at(page, "/health")
    page.keyboard.press("Escape")
    collector.send(request([Span("latecomer", "alone", trace="late", kind="server", duration_ns=10**6)]))
    page.locator("#nav-topology").click()
    page.wait_for_function(f"{CY}.getElementById('service:latecomer').length === 1")
    expect(page.locator(".panel-closed")).to_have_count(1)
    assert page.evaluate(f"{CY}.getElementById('service:web').position()") == {"x": 70, "y": 250}
    assert page.evaluate(f"{CY}.nodes(':selected').length") == 0


def test_a_map_that_is_left_before_dash_is_there_makes_room_for_the_page(page):
    held: list[Any] = []
    page.route(re.compile("dash_renderer"), lambda route: held.append(route))
    page.goto("/" + RANGE, wait_until="commit")
    page.wait_for_function(f"{CY}?.nodes().length >= 2")
    page.keyboard.press("g")
    page.keyboard.press("h")
    expect(page.locator(".topology-early")).to_have_count(0)
    for route in held:
        route.continue_()
    page.unroute(re.compile("dash_renderer"))
    at(page, "/health")
    page.locator("#nav-topology").click()
    at(page, "/")
