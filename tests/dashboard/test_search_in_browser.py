"""The traces page in a real browser: what it shows is what the API answers, and every click is a search of the API."""

import random
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from otlp_requests import Span, request, trace_id
from waiting import poll_until

from dashboard import ids

pytestmark = pytest.mark.browser

MS = 10**6
HOSTILE = '<img src=x onerror="window.hacked=1"> \x1b[31m "q"'
TRACES = 120
RANGE = "1h"
"""So long that nothing leaves it while the tests run."""


@pytest.fixture(scope="module", autouse=True)
def spans(collector) -> list[Span]:
    """120 traces of a web service that calls orders; every tenth is slow, and of one region."""
    chosen = random.Random(4)
    now_ns = time.time_ns()
    some = []
    for number in range(TRACES):
        slow = number % 10 == 0
        start_ns = now_ns - (5 + number * 2) * 10**9
        region = "eu-west" if slow else chosen.choice(["us", "ap"])
        root = Span(
            "web", "r", trace=f"s{number}", name="GET /cart", kind="server", start_ns=start_ns,
            duration_ns=(2000 if slow else 20 + number) * MS, error=number % 3 == 0,
            attributes={"region": region, "note": HOSTILE, "http.response.status_code": 200 + number % 2},
        )  # fmt: skip
        calls = [
            Span("orders", f"c{n}", parent="r", trace=root.trace, name=HOSTILE, start_ns=start_ns + MS, duration_ns=MS)
            for n in range(number % 4)
        ]
        some += [root, *calls]
    collector.send(request(some))
    return some


def opened(page: Any, address: str = f"/traces?range={RANGE}") -> Any:
    page.goto(address)
    page.locator(".trace-open").first.wait_for()
    page.locator(f"#{ids.TRACES_FACETS} button").first.wait_for()
    return page


def shown(page: Any) -> list[str]:
    return page.locator(f"#{ids.TRACES_BODY} tr").evaluate_all("rows => rows.map(row => row.dataset.trace)")


def q(page: Any) -> str:
    return parse_qs(urlsplit(page.url).query).get("q", [""])[0]


def found(collector: Any, limit: int = 50, **parameters: Any) -> list[str]:
    answer = collector.get("/traces", **{"start": f"-{RANGE}", "limit": limit, **parameters})
    return [trace["trace_id"] for trace in answer["traces"]]


def test_keys_operators_and_values_are_completed(page, collector):
    opened(page)
    page.click(f"#{ids.TRACES_Q}")
    page.keyboard.type("regi")
    page.locator("#traces-offers").get_by_text("region", exact=True).wait_for()
    page.keyboard.press("Tab")
    page.locator("#traces-offers").get_by_text("!=", exact=True).wait_for()
    page.keyboard.type("=EU")
    page.locator("#traces-offers").get_by_text("eu-west").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.input_value(f"#{ids.TRACES_Q}") == "region=eu-west "
    page.keyboard.type("note=")
    page.locator("#traces-offers").get_by_text("<img").wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    poll_until(lambda: len(shown(page)) == TRACES // 10, "the traces of the region")
    assert shown(page) == found(collector, q=q(page))
    assert page.evaluate("window.hacked") is None


def test_a_mistake_is_shown_at_its_place(page):
    opened(page)
    page.fill(f"#{ids.TRACES_Q}", "😀 service=web AND duration>x")
    page.keyboard.press("Enter")
    place = page.locator("#traces-mistake pre")
    place.wait_for()
    text, caret = place.text_content().split("\n")
    assert len(caret) - 1 == len("😀 service=web AND duration>")
    assert text == "😀 service=web AND duration>x"
    page.locator("#traces-mistake").get_by_text("is not a duration").wait_for()
    page.fill(f"#{ids.TRACES_Q}", "status=error")
    page.keyboard.press("Enter")
    page.locator(".trace-open").first.wait_for()
    assert not page.locator("#traces-mistake").is_visible()
    page.click("#traces-memory summary")
    page.locator("#traces-memory").get_by_role("button", name="status=error", exact=True).wait_for()
    assert page.locator("#traces-memory .memory-use").all_inner_texts() == ["status=error"]  # not the mistake
    page.get_by_role("button", name="Save this search: status=error").click()
    page.locator("#traces-memory").get_by_role("heading", name="Saved").wait_for()
    page.keyboard.press("Escape")
    assert page.locator("#traces-memory .menu-body").is_hidden()


def test_a_facet_narrows_in_one_click_and_excludes_in_another(page, collector):
    opened(page)
    facets = {facet["name"]: facet for facet in collector.get("/traces/facets", start=f"-{RANGE}")["facets"]}
    errors = next(value for value in facets["status"]["values"] if value["value"] == "error")
    button = page.locator('[data-facet="status"] .facet-value', has_text="error")
    assert button.locator(".facet-count").text_content() == str(errors["traces"]) == str(TRACES // 3)
    button.click()
    poll_until(lambda: len(shown(page)) == errors["traces"], "the failed traces")
    assert q(page) == "status=error"
    assert shown(page) == found(collector, q="status=error")
    page.locator('[data-facet="service"] .facet-value', has_text="web").hover()
    page.get_by_role("button", name="Exclude web").click()
    page.get_by_text("No trace matches").wait_for()
    assert q(page) == "status=error NOT service=web"
    page.locator("#traces-clear").click()
    poll_until(lambda: len(shown(page)) == 50, "everything")


def test_sorted_pages_are_those_of_the_api(page, collector):
    opened(page)
    page.get_by_role("button", name="Spans").click()
    poll_until(lambda: shown(page) == found(collector, sort="spans"), "the first page by spans")
    page.click(f"#{ids.TRACES_MORE}")
    poll_until(lambda: shown(page) == found(collector, 100, sort="spans"), "two pages")
    page.get_by_role("button", name="Duration").click()
    poll_until(lambda: shown(page) == found(collector, sort="duration"), "the first page by duration")
    assert "sort=duration" in page.url
    page.reload()
    poll_until(lambda: shown(page) == found(collector, sort="duration"), "the same after loading again")


def _drag(page: Any, top: float, bottom: float) -> None:
    """Over the whole time, from `top` to `bottom` of the heat map's height."""
    box = page.locator(f"#{ids.TRACES_HEATMAP}").bounding_box()
    page.mouse.move(box["x"] + 64, box["y"] + box["height"] * top)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 10, box["y"] + box["height"] * bottom, steps=4)
    page.mouse.up()


def test_dragging_narrows_time_and_duration_and_says_what_differs(page, collector, spans):
    opened(page)
    page.locator(f"#{ids.TRACES_HEATMAP}[aria-label*=spans]").wait_for()
    _drag(page, 0.02, 0.25)
    slow = {trace_id(span.trace).hex() for span in spans if span.duration_ns > 1000 * MS}
    poll_until(lambda: set(shown(page)) == slow, "the slow traces")
    first = page.locator(f"#{ids.TRACES_DIFFERENCES} li").first
    first.wait_for()
    terms = page.locator(f"#{ids.TRACES_DIFFERENCES} [data-term]").evaluate_all(
        "all => all.map(one => one.dataset.term)"
    )
    assert "region=eu-west" in terms[:2]
    tail = page.locator("#traces-tail")
    assert tail.is_disabled()
    assert tail.evaluate("button => getComputedStyle(button).opacity") == "0.5"
    page.click("#traces-zoom")
    poll_until(lambda: "duration>=" in q(page) and set(shown(page)) == slow, "the selection as a search")
    assert "/" in parse_qs(urlsplit(page.url).query)["range"][0]
    assert not page.locator(f"#{ids.TRACES_SELECTION}").is_visible()


def test_the_way_back_from_a_trace_leads_to_the_search(page):
    opened(page, f"/traces?range={RANGE}&q=region%3Deu-west&sort=duration")
    before = shown(page)
    page.locator(".trace-open").first.click()
    page.locator(".wf-row").first.wait_for()
    page.get_by_role("link", name="← Traces").click()
    poll_until(lambda: shown(page) == before, "the same search")
    assert (q(page), page.input_value(f"#{ids.TRACES_Q}")) == ("region=eu-west", "region=eu-west")


def test_older_links_become_a_filter(page, collector):
    opened(page, f"/traces?range={RANGE}&service=web&status=error&min_duration_ms=1000")
    assert q(page) == "service=web status=error duration>=1000ms"
    assert shown(page) == found(collector, q=q(page))


def test_hostile_values_are_text_and_columns_are_chosen(page):
    opened(page)
    page.locator('[data-facet="operation"]').get_by_text("<img").wait_for()
    page.click("#traces-columns summary")
    page.get_by_role("checkbox", name="Services").uncheck()
    assert page.locator("#traces-results th").all_text_contents()[-2] == "Errors"
    assert "cols=" in page.url
    assert page.evaluate("window.hacked") is None


def test_a_narrow_page_names_the_first_service_of_a_trace_and_counts_the_others(page):
    opened(page)
    page.set_viewport_size({"width": 900, "height": 900})
    drawn = page.locator(f"#{ids.TRACES_BODY} tr", has_text="orders").first.locator(".part")
    assert [text for text in drawn.all_inner_texts() if text.startswith("+")] == ["+1"]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_map_of_a_search_is_of_exactly_its_traces(page, collector):
    opened(page, f"/traces?range={RANGE}&q=region%3Deu-west")
    page.wait_for_function(f"document.getElementById('{ids.TRACES_ON_MAP}').href.includes('traces=')")
    page.click(f"#{ids.TRACES_ON_MAP}")
    chip = page.locator(f"#{ids.TOPOLOGY_TRACES}", has_text=f"Only {TRACES // 10} traces")
    chip.wait_for()
    cy = "dash_clientside.spanscape.cy"
    expected = collector.get("/topology", start=f"-{RANGE}", q="region=eu-west")
    page.wait_for_function(f"{cy}.edges().length === {len(expected['edges'])}")
    assert page.evaluate(f"{cy}.nodes().map(node => node.id()).sort()") == sorted(n["id"] for n in expected["nodes"])
    chip.click()
    page.wait_for_function("!location.search.includes('traces=')")
    chip.wait_for(state="hidden")


def test_a_row_leads_to_the_map_of_its_trace(page, spans):
    opened(page, f"/traces?range={RANGE}&q=trace_id%3D{trace_id('s3').hex()}")
    page.get_by_role("link", name="Show this trace on the map").click()
    page.locator(f"#{ids.TOPOLOGY_TRACES}", has_text="Only 1 trace").wait_for()
    page.wait_for_function("dash_clientside.spanscape.cy.nodes().length === 2")


def tail_began(page: Any) -> None:
    """The first look, which only says from where on traces are new, was answered."""
    began = "performance.getEntriesByType('resource').some(one => one.name.includes('/tail?') && one.responseEnd)"
    page.wait_for_function(began)


def test_the_live_tail_shows_what_arrives_and_pause_stops_it(page, browser, collector):
    def arrive(name: str) -> str:
        collector.send(request([Span("tailed", "a", trace=name, name="arrives")]))
        return trace_id(name).hex()

    arrive("first")
    opened(page, "/traces?q=service%3Dtailed&tail=1")
    tail_began(page)
    second = arrive("second")
    poll_until(lambda: shown(page)[0] == second, "the trace that arrived")
    page.click("#traces-columns summary")
    page.get_by_role("checkbox", name="Services").uncheck()
    assert shown(page)[0] == second  # drawn anew, with what arrived
    page.keyboard.press("Escape")
    page.click(f"#{ids.PAUSE}")
    page.locator("#traces-tail-words", has_text="Paused").wait_for()
    other = browser.new_page()
    opened(other, page.url.replace("&paused=1", ""))
    tail_began(other)
    third = arrive("third")
    poll_until(lambda: shown(other)[0] == third, "the third where nothing is paused")
    other.close()
    assert third not in shown(page)
    page.click(f"#{ids.PAUSE}")
    poll_until(lambda: shown(page)[:2] == [third, second], "what arrived during the pause")
