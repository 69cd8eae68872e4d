"""The page of one trace in a real browser: what it draws is what the API answers, and all of its state is in the address."""

import json
import re
import time
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from checkout_trace import DEEP, ORDER, ROWS, address, assert_drawn, key, listed, opened, selected
from otlp_requests import Span, request, trace_id

from dashboard import ids

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("checkout")]


def test_the_rows_are_those_of_the_outline(page, outline):
    opened(page, f"?span={key('paid')}")
    page.locator(".wf-tick-exception").wait_for()
    rows = assert_drawn(page, outline)
    assert list(rows[str(outline["spans"]["id"].index(key("paid")))]["ticks"]) == ["exception"]
    assert rows["0"]["time"].startswith("900 ms  failed")


def test_search_counts_steps_and_unfolds_what_hides_a_match(page):
    opened(page, "?level=2")
    page.keyboard.press("/")
    page.keyboard.type("stock put")
    count = page.locator(".wf-count")
    assert count.inner_text() == "40"
    page.keyboard.press("Enter")
    assert (count.inner_text(), selected(page)) == ("1 of 40", "PUT /stock")
    assert page.locator(f"#{ids.TRACE_PANEL}").is_hidden()  # stepping does not open it
    page.keyboard.press("Escape")
    for pressed, place in (("n", "2 of 40"), ("N", "1 of 40"), ("N", "40 of 40"), ("n", "1 of 40")):
        page.keyboard.press(pressed)
        assert count.inner_text() == place
    page.locator(".wf-find").fill("no such thing")
    assert count.inner_text() == "none"
    page.locator(".wf-find").fill("declined")  # as the status says
    count.filter(has_text=re.compile("^1$")).wait_for()
    page.locator(".wf-find").fill("kind=server duration<50ms")
    count.filter(has_text=re.compile("1 of 40")).wait_for()
    page.locator(".wf-find").fill("duration>")
    page.locator(".wf-wrong", has_text="expected a value").wait_for()
    page.locator(".wf-find").fill(key("paid")[:12])
    assert count.inner_text() == "1"


def test_what_a_resource_says_is_found_and_shown_alone(page):
    opened(page)
    page.locator(".wf-find").fill("resource.region=eu-1")
    count = page.locator(".wf-count")
    count.filter(has_text=re.compile("^1$")).wait_for()
    page.get_by_label("Show", exact=True).select_option("found")
    assert page.locator(".wf-row:not(.wf-dim) .wf-text").all_inner_texts() == ["POST /pay"]
    assert listed(page) == 5
    page.locator(".wf-find").fill("EU-1")  # a word alone
    count.filter(has_text=re.compile("^1$")).wait_for()
    assert address(page) == {"find": "EU-1", "only": "found"}
    page.locator(".wf-find").fill("")
    assert listed(page) == 86 + 1


def test_filters_keep_matches_and_what_is_above_them(page):
    opened(page)
    page.get_by_label("Show", exact=True).select_option("error")
    assert listed(page) == 5  # two failed spans, and the three above the deeper one
    assert page.locator(".wf-row:not(.wf-dim) .wf-text").all_inner_texts() == ["POST /checkout", "POST /pay"]
    assert address(page) == {"only": "error"}
    page.get_by_label("Show", exact=True).select_option("")
    page.locator(".wf-chip", has_text="audit").click()
    assert (listed(page), address(page)) == (1, {"service": "audit"})
    page.locator(".wf-chip", has_text="audit").click()
    page.get_by_label("Kind", exact=True).select_option("internal")
    assert page.locator(".wf-row:not(.wf-dim) .wf-text").all_inner_texts() == ["sleep", "write"]


def test_dragging_over_the_overview_zooms_and_a_double_click_ends_that(page, outline):
    opened(page)
    box = page.locator(".wf-minimap").bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.25, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, middle, steps=4)
    page.mouse.up()
    page.wait_for_url("**zoom=*")
    begin, end = (float(text) * 1000 for text in address(page)["zoom"].split("-"))
    assert begin == pytest.approx(outline["duration_ns"] * 0.25, rel=0.02)
    assert end == pytest.approx(outline["duration_ns"] * 0.5, rel=0.02)
    root = page.evaluate(ROWS)["0"]
    assert (root["left"], root["width"]) == (0, 100)
    page.keyboard.press("Shift+ArrowRight")
    zoomed = "new URLSearchParams(location.search).get('zoom')"
    page.wait_for_function(f"begin => Number({zoomed}.split('-')[0]) * 1000 > begin", arg=begin)
    page.locator(".wf-minimap").dblclick(position={"x": 5, "y": 5})
    page.wait_for_function(f"{zoomed} === null")
    assert address(page) == {}
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 300)
    page.locator(".wf-cursor-time", has_text="at work").wait_for()
    assert page.locator(".wf-gap").count() >= 1  # nobody is at work before the last span


def test_everything_can_be_done_with_the_keyboard(page):
    opened(page)
    page.keyboard.press("End")
    assert selected(page) == "write"
    page.keyboard.press("Home")
    assert selected(page) == "POST /checkout"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert listed(page) == 3
    page.keyboard.press("ArrowRight")
    page.keyboard.press("e")
    assert selected(page) == "POST /pay"
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")  # once more while the span is on its way
    page.locator(f"#{ids.TRACE_PANEL}").get_by_text("card declined").first.wait_for()
    page.keyboard.press("z")
    assert "zoom" in address(page)
    page.keyboard.press("0")
    page.keyboard.press("+")
    assert "zoom" in address(page)
    page.keyboard.press("Escape")
    assert page.locator(f"#{ids.TRACE_PANEL}").is_hidden()
    page.keyboard.press("Escape")
    assert address(page) == {}
    page.keyboard.press("2")
    assert address(page) == {"view": page.locator(".trace-tab[aria-selected=true]").inner_text().lower()}
    page.keyboard.press("g")
    page.keyboard.press("r")
    page.wait_for_url("**/traces")


def test_escape_lets_go_of_a_span_whose_panel_is_closed(page):
    opened(page)
    page.keyboard.press("End")
    assert (selected(page), page.locator(f"#{ids.TRACE_PANEL}").is_visible()) == ("write", False)
    page.keyboard.press("Escape")
    assert page.locator(".wf-selected").count() == 0
    assert address(page) == {}


def test_a_held_key_writes_the_address_now_and_then_and_at_last(page):
    opened(page, trace=DEEP)
    written = page.evaluate("""() => {
      let written = 0;
      const write = history.replaceState.bind(history);
      history.replaceState = (...given) => { written += 1; write(...given); };
      for (let pressed = 0; pressed < 400; pressed += 1) {
        document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true, cancelable: true }));
      }
      return written;
    }""")
    assert written < 200  # browsers allow 100 in 30 seconds; so many keys take a few
    page.wait_for_url(f"**/trace/{DEEP}?span={key('399', 'deep')}")
    page.keyboard.press("Home")
    page.keyboard.press("g")
    page.keyboard.press("r")  # at once
    page.wait_for_url("**/traces")
    page.go_back()
    page.wait_for_url(f"**/trace/{DEEP}?span={key('0', 'deep')}")


def test_the_panel_says_all_that_a_span_says_and_leads_on(page):
    opened(page, f"?span={key('paid')}")
    panel = page.locator(f"#{ids.TRACE_PANEL}")
    panel.get_by_role("heading", name="POST /pay").wait_for()
    for text in (
        "Failed:",
        "card declined",
        "differs from its caller's",
        "http.route",
        "no card",
        "Caused by: Timeout",
        "eu-1",
        "retried",
    ):
        assert panel.get_by_text(text).first.is_visible(), text
    panel.locator(".span-json summary").click()
    panel.locator(".span-json pre", has_text='"resourceSpans"').wait_for()
    route = panel.locator(".pair", has_text="http.route").first
    route.hover()
    assert "q=http.route%3D%22%2Fpay%22" in route.get_by_title("Traces with this http.route").get_attribute("href")
    assert "q=http.route%21%3D%22%2Fpay%22" in route.get_by_title("Traces with another http.route").get_attribute(
        "href"
    )
    panel.get_by_role("button", name="orders · POST pay").click()
    panel.get_by_role("heading", name="POST pay", exact=True).wait_for()
    assert address(page) == {"span": key("pay")}
    page.goto(f"/trace/{DEEP}?span={key('0', 'deep')}")
    panel.get_by_text("Linked by (1)").wait_for()
    panel.get_by_text("payments · POST /pay").click()
    panel.get_by_role("heading", name="POST /pay").wait_for()
    assert page.url.endswith(f"/trace/{ORDER}?span={key('paid')}")


def test_evidence_of_an_open_breaker_leads_to_its_opening(page):
    opened(page)
    call = "/api/v1/breakers/9f86d081884c7d65/story?at=1769860803120000000"
    path = page.evaluate(
        f"dash_clientside.spanscape.address.page(dash_clientside.spanscape.trace.breakerPath('{call}'))"
    )
    around = "2026-01-31T11%3A45%3A03Z%2F2026-01-31T12%3A15%3A03Z"
    assert path == f"/breakers/9f86d081884c7d65?range={around}#opening=1769860803120000000"


def test_the_attributes_of_a_span_are_searched_and_copied(page, collector):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    many = {**{f"cart.item.{number}": f"thing {number}" for number in range(12)}, "user.name": "Ada"}
    collector.send(request([Span("shop", "root", "", "many", "GET /", "server", time.time_ns(), attributes=many)]))
    opened(page, f"?span={key('root', 'many')}", trace_id("many").hex())
    panel = page.locator(f"#{ids.TRACE_PANEL}")
    panel.get_by_role("heading", name="cart", exact=True).wait_for()
    panel.get_by_label("Search in this span").fill("thing 1")
    left = panel.locator(".pair:not(.hidden) dt")
    assert left.all_inner_texts() == ["cart.item.1", "cart.item.10", "cart.item.11"]
    panel.get_by_label("Search in this span").fill("ada")
    assert left.all_inner_texts() == ["user.name"]
    panel.locator(".pair:not(.hidden)").hover()
    panel.get_by_title("Copy the value of user.name").click()
    panel.get_by_text("copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == "Ada"


def test_other_traces_are_looked_for_at_the_time_of_this_one(page, collector):
    old = request([Span("shop", "root", "", "old", "GET /", "server", 1_700_000_000 * 10**9, attributes={"k.n": "v"})])
    answer = requests.post(f"{collector.api}/api/v1/traces/upload", old.SerializeToString(), timeout=60).json()
    opened(page, f"?upload={answer['upload']}&span={key('root', 'old')}", trace_id("old").hex())
    href = page.get_by_title("Traces with this k.n").get_attribute("href")
    assert parse_qs(urlsplit(href).query) == {"q": ['k.n="v"'], "range": ["2023-11-14T21:58:20Z/2023-11-14T22:28:20Z"]}


def test_hostile_values_are_text(page):
    opened(page, f"?span={key('root')}&logs=1")
    panel = page.locator(f"#{ids.TRACE_PANEL}")
    panel.get_by_text('<img src=x onerror="window.hacked=1">').first.wait_for()
    panel.get_by_text("Show all 2,042 characters").click()
    page.locator(".wf-log", has_text="item <img").wait_for()
    page.get_by_role("tab", name="Logs").click()
    page.locator(".log-row", has_text="item <img").wait_for()
    assert page.evaluate("window.hacked") is None
    assert page.locator(".trace-page img").count() == 0


def test_an_address_brings_back_the_whole_view(page):
    state = {
        "span": key("pay"),
        "zoom": "400000-800000",
        "level": "4",
        "find": "post",
        "only": "critical",
        "logs": "1",
        "skew": "as_sent",
    }
    opened(page, "?" + "&".join(f"{name}={value}" for name, value in state.items()))
    page.locator(f"#{ids.TRACE_PANEL}").get_by_role("heading", name="POST pay", exact=True).wait_for()
    page.get_by_text("not corrected").wait_for()
    before = page.evaluate(ROWS)
    assert selected(page) == "POST pay"
    assert page.locator(".wf-find").input_value() == "post"
    assert page.locator(".wf-levels").inner_text() == "4 of 5 levels"
    assert address(page) == state
    page.reload()
    page.locator(".wf-selected").wait_for()
    page.wait_for_function(f"before => JSON.stringify(({ROWS})()) === JSON.stringify(before)", arg=before)
    page.get_by_role("button", name="Correct clocks").click()
    page.get_by_text("1 span of payments moved by").wait_for()
    assert address(page) == {name: value for name, value in state.items() if name != "skew"}


def test_a_warning_leads_to_its_span(page):
    opened(page)
    page.locator(".note-missing_parent").get_by_role("button").click()
    assert selected(page) == "write"


def test_an_uploaded_trace_opens_without_being_stored(page, collector):
    uploaded = request(
        [Span("shop", "root", "", "uploaded", "GET /", "server"), Span("shop", "below", "root", "uploaded")]
    )
    answer = requests.post(f"{collector.api}/api/v1/traces/upload", uploaded.SerializeToString(), timeout=60).json()
    opened(page, f"?upload={answer['upload']}", trace_id("uploaded").hex())
    assert listed(page) == 2
    page.get_by_text("An uploaded trace").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.locator(f"#{ids.TRACE_PANEL}").get_by_role("heading", name="GET /").wait_for()
    page.get_by_role("tab", name="JSON").click()
    page.locator(".trace-json", has_text='"resourceSpans"').wait_for()
    with page.expect_download() as download:
        page.get_by_text("Download Jaeger JSON").click()
    assert json.loads(download.value.path().read_text())["data"][0]["traceID"] == trace_id("uploaded").hex()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_themes_have_their_own_bars(browser, dashboard_url, scheme):
    page = browser.new_page(base_url=dashboard_url, color_scheme=scheme, viewport={"width": 900, "height": 900})
    page.set_default_timeout(60_000)
    opened(page, f"?span={key('pay')}")
    page.locator(f"#{ids.TRACE_PANEL}").get_by_role("heading", name="POST pay").wait_for()
    lightness = "element => getComputedStyle(element).backgroundColor.match(/[\\d.]+/g).slice(0, 3).map(Number)"
    ground, bar = (sum(page.locator(name).first.evaluate(lightness)) for name in (".wf-body", ".wf-bar"))
    assert (ground > bar) == (scheme == "light")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.close()


def test_an_unknown_trace_says_so(page, expected_complaints):
    expected_complaints.append("404")
    page.goto(f"/trace/{'7' * 32}")
    page.get_by_text("not found").first.wait_for()
    page.get_by_role("link", name="← Traces").click()
    page.wait_for_url("**/traces")
