"""The live map in a real browser: it follows the collector, stays put, and keeps its state in the address.

One collector, one dashboard and one browser serve the module; each test uses service names of its own.
"""

import json
import time

import pytest
from otlp_requests import Span, request, trace_id
from otlp_signals import Record, logs
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from playwright.sync_api import expect
from shop_calls import CY, RANGE, SHOP, call, opened, send_shop, shop_is_counted
from waiting import poll_until

from dashboard import ids
from dashboard.components.differences import applied
from dashboard.components.graph_elements import edge_id_of

pytestmark = pytest.mark.browser

HOSTILE = '<img src=x onerror="window.hacked=1">'
ARABIC = "خدمة‮ evil"
LONG = "x" * 400


@pytest.fixture(scope="module", autouse=True)
def telemetry(collector):
    """shop: web -> cart -> stock, where stock fails; names that try to break the page."""
    send_shop(collector, "first")
    spans = [span for name in (HOSTILE, ARABIC, LONG, "🦄") for span in call("web", name, f"h{name[:9]}")]
    collector.send(request(spans, SHOP))
    shop_is_counted(collector, more=4)


def chose_environment(page, name):
    """Whether it was on offer: answers are shared by all who ask, so that a new one may come some seconds late."""
    page.locator(f"#{ids.SCOPE_BUTTON}").click()
    page.locator(f"#{ids.ENVIRONMENT}").click()
    try:
        page.get_by_role("option", name=name).click(timeout=5000)
    except PlaywrightTimeout:
        return False
    return True


def node_names(page):
    return page.evaluate(f"{CY}.nodes().map(node => node.data('name')).sort()")


def places(page):
    return page.evaluate(f"Object.fromEntries({CY}.nodes().map(node => [node.id(), node.position()]))")


def select(page, name):
    page.evaluate(f"void dash_clientside.spanscape.select('service:{name}')")


def test_labels_say_what_the_api_says(page, collector):
    opened(page)
    for node in collector.get("/topology", start=f"-{RANGE}")["nodes"]:
        label = page.evaluate(f"id => {CY}.getElementById(id).data('label')", node["id"])
        share = 100 * node["errors"] / max(node["calls"], 1)
        assert (f"⚠ {share:.0f} %" in label) == (node["errors"] > 0)


def test_calls_say_their_numbers_where_there_is_room_or_as_the_viewer_wants(page):
    shown = f"{CY}.edges().filter(edge => edge.style('label')).map(edge => edge.data('target')).sort()"
    every = f"{CY}.edges().map(edge => edge.data('target')).sort()"
    opened(page)
    choice = page.locator(f"#{ids.TOPOLOGY_LABELS}")
    choice.select_option("Problems")
    page.wait_for_function(f"JSON.stringify({shown}) === '[\"service:stock\"]'")
    choice.select_option("All")
    page.wait_for_function(f"JSON.stringify({shown}) === JSON.stringify({every})")
    opened(page)
    assert choice.input_value() == "all"
    choice.select_option("Where there is room")
    page.wait_for_function(f"JSON.stringify({shown}).includes('service:stock')")


def test_a_change_in_the_store_appears_and_no_node_moves(page, collector):
    opened(page)
    before = places(page)
    collector.send(request(call("web", "newcomer", "n1"), SHOP))
    page.wait_for_function(f"{CY}.getElementById('service:newcomer').length === 1")
    after = places(page)
    assert {id_: after[id_] for id_ in before} == before


def test_only_differences_are_sent(page, collector):
    messages = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda text: messages.append(json.loads(text))))
    opened(page)
    count = f"{CY}.edges().filter(edge => edge.data('target') === 'service:cart').data('label')"
    before = page.evaluate(count)
    collector.send(request(call("web", "cart", "again"), SHOP))
    page.wait_for_function(f"before => {count} !== before", arg=before)
    whole, *differences = [message for message in messages if message["type"] == "topology"]
    assert whole["whole"]
    assert differences
    state = whole["elements"]
    for difference in differences:
        changes = difference.get("elements", {})
        known = {(id_, name, json.dumps(value)) for id_, fields in state.items() for name, value in fields.items()}
        sent = {(id_, name, json.dumps(value)) for id_, fields in changes.items() for name, value in fields.items()}
        assert not sent & known
        state = applied(state, changes, difference.get("gone", []))


def test_a_place_given_by_hand_is_kept(page):
    opened(page)
    page.evaluate(
        f"{{const n = {CY}.getElementById('service:cart'); n.position({{x: 777, y: 555}}); n.emit('dragfree'); null}}"
    )
    opened(page)
    assert places(page)["service:cart"] == {"x": 777, "y": 555}
    page.locator("[data-tool=arrange]").click()
    page.wait_for_function(f"{CY}.getElementById('service:cart').position('x') !== 777")


def test_find_marks_hide_removes_and_both_are_in_the_address(page):
    opened(page)
    page.fill(f"#{ids.TOPOLOGY_FIND}", "error_rate>5%")
    page.keyboard.press("Enter")
    page.wait_for_function(f"{CY}.getElementById('service:stock').hasClass('found')")
    page.fill(f"#{ids.TOPOLOGY_HIDE}", "name=stock")
    page.keyboard.press("Enter")
    page.wait_for_function(f"{CY}.getElementById('service:stock').length === 0")
    query = page.evaluate("Object.fromEntries(new URLSearchParams(location.search))")
    assert query == {"range": RANGE, "find": "error_rate>5%", "hide": "name=stock"}
    page.fill(f"#{ids.TOPOLOGY_HIDE}", "size>3")
    page.keyboard.press("Enter")
    page.locator(f"#{ids.TOPOLOGY_FILTER_STATE}").get_by_text('"size" is not a field').wait_for()


def test_focus_shows_what_is_near_and_ends_again(page):
    opened(page)
    select(page, "stock")
    page.locator("[data-focus][data-hops='1']").click()
    page.wait_for_function(f"{CY}.nodes().length === 2")
    assert node_names(page) == ["cart", "stock"]
    page.locator(f"#{ids.TOPOLOGY_FOCUS}").click()
    page.wait_for_function(f"{CY}.nodes().length > 5")


def test_the_panel_shows_operations_charts_and_failing_traces(page):
    opened(page, f"/?range={RANGE}&sel=service:stock")
    panel = page.locator(f"#{ids.TOPOLOGY_PANEL}")
    panel.get_by_role("heading", name="stock", exact=True).wait_for()
    panel.get_by_text("40 %").first.wait_for()
    panel.get_by_text("Top operations").wait_for()
    assert panel.locator("svg.chart").count() == 3
    panel.get_by_text("Latest failing traces").wait_for()
    panel.locator(".trace-link").first.click()
    page.locator(".wf-failed").first.wait_for()


def test_a_call_shows_its_charts_and_the_traces_that_pass_both_ends(page):
    opened(page)
    page.evaluate(
        "id => void dash_clientside.spanscape.select(id)", edge_id_of("service:cart", "service:stock", "call")
    )
    panel = page.locator(f"#{ids.TOPOLOGY_PANEL}")
    panel.get_by_role("heading", name="cart → stock", exact=True).wait_for()
    panel.get_by_text("Latest failing traces").wait_for()
    assert panel.locator("svg.chart").count() == 3
    panel.locator(".trace-link").first.click()
    page.locator(".wf-failed").first.wait_for()


def test_the_suspect_is_where_the_errors_start(page):
    opened(page)
    first = page.locator(".suspect").first
    first.get_by_text("stock", exact=True).wait_for()
    assert "the errors start here" in first.inner_text()
    first.hover()
    page.wait_for_function(f"{CY}.getElementById('service:web').hasClass('blast')")
    page.locator(f"#{ids.TOPOLOGY_CARD}").get_by_text("web → cart → stock").wait_for()
    first.click()
    page.wait_for_function("new URLSearchParams(location.search).get('sel') === 'service:stock'")


def test_an_address_shows_the_same_view_again(page):
    address = "/?range=1h&ns=shop&layout=radial&find=name%3Dcart&focus=service%3Acart&sel=service%3Acart"
    opened(page, address)
    page.wait_for_function(f"{CY}.getElementById('service:cart').selected()")
    page.wait_for_function(f"{CY}.nodes().length === 3")
    assert node_names(page) == ["cart", "stock", "web"]
    assert page.input_value(f"#{ids.TOPOLOGY_FIND}") == "name=cart"
    assert page.evaluate("location.search") == address[1:]


def test_every_arrangement_places_every_node_apart(page):
    for layout in ("layered", "radial", "force", "grouped"):
        opened(page, f"/?range={RANGE}&layout={layout}")
        page.wait_for_function(f"{CY}.getElementById('service:stock').length === 1")
        spots = page.evaluate(f"{CY}.nodes('[kind != \"box\"]').map(node => [node.position('x'), node.position('y')])")
        assert len({(round(x), round(y)) for x, y in spots}) == len(spots)


def test_one_environment_is_shown_on_every_page_and_in_the_address(page, collector):
    lab = {"deployment.environment.name": "lab", "service.namespace": "bench"}
    collector.send(request(call("probe", "sensor", "e1"), lab))
    poll_until(
        lambda: collector.get("/services", start=f"-{RANGE}", environment="lab")["services"], "the other environment"
    )
    poll_until(lambda: chose_environment(opened(page), "lab"), "the other environment on offer")
    page.wait_for_function(f"JSON.stringify({CY}.nodes().map(n => n.data('name')).sort()) === '[\"probe\",\"sensor\"]'")
    assert page.locator(f"#{ids.SCOPE_WORDS}").inner_text() == "lab"
    page.goto(page.url)
    page.wait_for_function(f"window.{CY}?.nodes().length === 2")
    page.keyboard.press("g")
    page.keyboard.press("s")
    page.locator(".ag-row").get_by_text("sensor", exact=True).wait_for()
    assert page.locator(".ag-center-cols-container .ag-row").count() == 2
    assert page.evaluate("new URLSearchParams(location.search).get('env')") == "lab"


def test_a_service_in_two_environments_shows_the_numbers_of_the_chosen_one(page, collector):
    for environment, count in (("blue", 2), ("green", 3)):
        spans = [span for n in range(count) for span in call("porch", "attic", f"{environment}{n}")]
        collector.send(request(spans, {"deployment.environment.name": environment}))
    ends = {"source": "service:porch", "target": "service:attic"}

    def seen(environment):
        edges = collector.get("/topology", start=f"-{RANGE}", environment=environment)["edges"]
        return [(edge["source"], edge["target"], edge["calls"]) for edge in edges]

    poll_until(lambda: seen("blue") == [(*ends.values(), 2)], "the calls in blue")
    poll_until(lambda: seen("green") == [(*ends.values(), 3)], "the calls in green")
    for environment, count in (("blue", 2), ("green", 3)):
        opened(page, f"/?range={RANGE}&env={environment}")
        page.wait_for_function(
            f"JSON.stringify({CY}.nodes().map(n => n.data('name')).sort()) === '[\"attic\",\"porch\"]'"
        )
        select(page, "attic")
        numbers = page.locator(f"#{ids.TOPOLOGY_PANEL_BODY}")
        numbers.get_by_text(f"{count} in all", exact=True).first.wait_for()
        page.goto(f"/service/attic?range={RANGE}&env={environment}")
        calls = page.locator(".trace-facts div", has=page.get_by_text("Calls", exact=True)).locator("dd")
        expect(calls).to_have_text(str(count), timeout=60_000)


def test_the_keyboard_goes_everywhere(page):
    opened(page)
    page.keyboard.press("?")
    page.get_by_role("heading", name="Keyboard shortcuts").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == ids.TOPOLOGY_FIND
    page.keyboard.press("Escape")
    page.keyboard.press("w")
    page.wait_for_function("new URLSearchParams(location.search).get('sel') === 'service:stock'")
    page.keyboard.press("p")
    page.wait_for_function("new URLSearchParams(location.search).get('paused') === '1'")
    assert page.locator(f"#{ids.CONNECTION}").inner_text() == "Paused"
    for key, path in (
        ("s", "/services"),
        ("b", "/breakers"),
        ("h", "/health"),
        ("d", "/doctor"),
        ("r", "/traces"),
        ("t", "/"),
    ):
        page.keyboard.press("g")
        page.keyboard.press(key)
        page.wait_for_function(f"location.pathname === '{path}'")
        assert page.evaluate("new URLSearchParams(location.search).get('paused')") == "1"


def test_hostile_long_and_foreign_names_are_text(page):
    opened(page)
    assert {HOSTILE, ARABIC, LONG, "🦄"} <= set(node_names(page))
    page.locator(f"#{ids.TOPOLOGY_VIEW}").get_by_text("Table").click()
    page.locator(f"#{ids.TOPOLOGY_TABLE}").get_by_text(HOSTILE).first.wait_for()
    page.goto(f"/services?range={RANGE}")
    page.get_by_text(HOSTILE).first.wait_for()
    page.evaluate("name => dash_clientside.spanscape.address.go('/service/' + encodeURIComponent(name))", HOSTILE)
    page.get_by_role("heading", name=HOSTILE).wait_for()
    assert page.evaluate("window.hacked") is None


def test_the_map_is_exported_as_text_and_as_a_drawing(page):
    opened(page)
    mermaid = page.evaluate("dash_clientside.spanscape.mapAsMermaid()")
    assert mermaid.startswith("flowchart LR\n")
    assert mermaid.count("-->") == page.evaluate(f"{CY}.edges().length")
    svg = page.evaluate("dash_clientside.spanscape.mapAsSvg('#fff')")
    drawn = page.evaluate(
        "svg => { const root = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement;"
        "return [root.nodeName, root.querySelectorAll('img, script').length, root.textContent] }",
        svg,
    )
    assert drawn[:2] == ["svg", 0]
    assert "cart" in drawn[2]


def test_a_service_shows_its_versions_side_by_side_and_its_logs(page, collector):
    for number, version in enumerate(("1.0", "2.0")):
        about = {**SHOP, "service.version": version}
        collector.send(request(call("release", "release-db", f"v{number}", failed=number == 1), about))
    message = logs("release", [Record("payment <b>declined</b>", trace_id=trace_id("v1"), severity=17), Record("fine")])
    assert collector.post(message.SerializeToString(), "logs").status_code == 200

    def counted():
        return [version["calls"] for version in collector.get("/services/release/versions")["versions"]]

    poll_until(lambda: counted() == [1, 1], "the calls of both versions")
    page.goto(f"/service/release?range={RANGE}")
    versions = page.get_by_role("heading", name="Versions").locator("..").locator("tbody tr")
    versions.nth(1).wait_for()
    assert [row.split("\t")[:3] for row in versions.all_inner_texts()] == [["2.0", "1", "100 %"], ["1.0", "1", "0"]]
    page.get_by_text("fine", exact=True).wait_for()
    page.get_by_role("group", name="Severity").get_by_text("Errors").click()
    page.wait_for_function("new URLSearchParams(location.search).get('logs') === 'error'")
    page.wait_for_function("document.querySelectorAll('.log-list li').length === 1")
    page.get_by_text("payment <b>declined</b>").wait_for()
    page.locator(".log-list").get_by_text("Trace").click()
    page.wait_for_function(f"location.pathname === '/trace/{trace_id('v1').hex()}'")


def test_the_services_page_leads_to_a_service_and_back(page):
    page.goto(f"/services?range={RANGE}")
    page.locator(".ag-row").get_by_text("stock", exact=True).click()
    page.get_by_role("heading", name="stock", exact=True).wait_for()
    page.get_by_role("heading", name="Called by").wait_for()
    page.locator(".js-plotly-plot").first.wait_for()
    page.get_by_role("link", name="On the map").click()
    page.wait_for_function("new URLSearchParams(location.search).get('focus') === 'service:stock'")


def test_the_doctor_says_what_is_missing(page, collector):
    at = {"start_ns": time.time_ns() - 60 * 10**9, "trace": "lonely"}
    collector.send(request([Span("web", "orphan", parent="nowhere", kind="server", **at)], SHOP))
    page.goto("/doctor?range=15m")
    page.get_by_role("heading", name="Spans whose parent is missing").wait_for()
    page.get_by_text("What to do:").first.wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_schemes_colour_the_map_and_the_page(page, scheme):
    page.emulate_media(color_scheme=scheme)
    opened(page)
    background = page.evaluate("getComputedStyle(document.querySelector('.stage')).backgroundColor")
    assert background == {"light": "rgb(255, 255, 255)", "dark": "rgb(22, 29, 39)"}[scheme]
    blue = {"light": "rgb(58,80,200)", "dark": "rgb(143,164,255)"}[scheme]
    page.wait_for_function(f"{CY}.getElementById('service:web').style('background-color') === '{blue}'")
