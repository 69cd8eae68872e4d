"""What a viewer does with the map: takes it along as a picture or text, sees it whole or a part, without motion, narrow."""

import time
from base64 import b64encode
from itertools import combinations

import pytest
from otlp_requests import Span, request
from waiting import poll_until

from dashboard import ids

pytestmark = pytest.mark.browser

CY = "dash_clientside.spanscape.cy"
SERVICES = 24
POLLING_MS = 100  # to look at each point of a canvas takes a page longer than a frame
RANGE = "15m"
DOTS_ARE_SEEN = """(() => {
  const canvas = document.querySelector(".map-dots");
  const { width, height } = canvas;
  return width > 0 && new Uint32Array(canvas.getContext("2d").getImageData(0, 0, width, height).data.buffer).some(Boolean);
})()"""


@pytest.fixture(scope="module", autouse=True)
def telemetry(collector):
    """web calls six services, the first of them often, each with a row of others behind it; the last of each row fails."""
    at = {"start_ns": time.time_ns() - 5 * 10**9, "trace": "row"}
    spans = [Span("web", "web", kind="server", **at)]
    for number in range(SERVICES):
        parent = f"n{number - 1}" if number % 4 else "web"
        spans.append(Span(f"service-{number}", f"n{number}", parent=parent, kind="server", error=number % 4 == 3, **at))
    for number in range(40):
        spans.append(Span("service-0", f"more{number}", parent="web", kind="server", **at))
    collector.send(request(spans, {"service.namespace": "shop"}))
    poll_until(lambda: calls_on_the_map(collector) == SERVICES + 40, "the calls")


def calls_on_the_map(collector):
    return sum(edge["calls"] for edge in collector.get("/topology", start=f"-{RANGE}")["edges"])


def opened(page, address=f"/?range={RANGE}"):
    page.goto(address)
    page.wait_for_function(f"window.{CY}?.nodes('[kind != \"box\"]').length > {SERVICES}")
    page.locator(f"#{ids.TOPOLOGY_PLACE} #{ids.TOPOLOGY_STAGE}").wait_for()


def downloaded(page, kind):
    page.locator("details.export").evaluate("menu => { menu.open = true }")
    with page.expect_download() as download:
        page.locator(f"[data-tool=export-{kind}]").click()
    return download.value


def test_signs_of_breakers_do_not_cover_each_other(page):
    opened(page)
    page.evaluate(f"""{{
      {CY}.edges('[source = "service:web"]').data("guard", "◉");
      {CY}.emit("changed");
    }}""")
    page.wait_for_function(f"{CY}.edges('[guard]').some((edge) => edge.numericStyle('source-text-offset') !== 40)")
    signs = page.evaluate(f"""{CY}.edges("[guard]").map((edge) => {{
      const path = dash_clientside.spanscape.paths.of(edge);
      return dash_clientside.spanscape.paths.along(path, edge.numericStyle("source-text-offset") / path.length);
    }})""")
    assert len(signs) == 6
    assert all(max(abs(a - c), abs(b - d)) >= 24 for (a, b), (c, d) in combinations(signs, 2))


def test_numbers_and_signs_of_a_call_that_comes_back_stand_where_they_did(page):
    opened(page)
    page.evaluate(f"void {CY}.edges('[source = \"service:web\"]').data('guard', '◉').emit('changed')")
    moved = f"""{CY}.edges("[source = 'service:web']").map((edge) =>
      ["text-margin-x", "text-margin-y", "source-text-offset"].map((each) => edge.numericStyle(each))).sort().join(" ")"""
    page.wait_for_function(f"{CY}.edges('[guard]').some((edge) => edge.numericStyle('source-text-offset') !== 40)")
    before = page.evaluate(moved)
    page.evaluate(f"""{{
      const calls = {CY}.edges('[source = "service:web"]');
      const again = calls.map((edge) => edge.json());
      calls.remove();
      {CY}.add(again);
      {CY}.emit("changed");
    }}""")
    page.wait_for_function(f"before => {moved} === before", arg=before)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_picture_has_the_whole_map_legible_on_the_background_of_the_page(page, scheme, tmp_path):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 900, "height": 600})
    opened(page)
    page.evaluate(f"void {CY}.zoom(2)")  # a part is in view
    picture = downloaded(page, "png")
    assert picture.suggested_filename == "spanscape-map.png"
    picture.save_as(tmp_path / "map.png")
    drawn = page.evaluate(
        """async (base64) => {
          const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${base64}`)).blob());
          const canvas = new OffscreenCanvas(image.width, image.height);
          const context = canvas.getContext("2d");
          context.drawImage(image, 0, 0);
          return { width: image.width, corner: [...context.getImageData(2, 2, 1, 1).data] };
        }""",
        b64encode((tmp_path / "map.png").read_bytes()).decode(),
    )
    assert drawn["corner"] == {"light": [255, 255, 255, 255], "dark": [22, 29, 39, 255]}[scheme]
    assert drawn["width"] >= 2 * page.evaluate(f"{CY}.nodes().boundingBox().w * 0.95")
    assert page.evaluate(f"{CY}.zoom()") == 2


def test_the_drawing_shows_kinds_states_and_boxes(page):
    opened(page, f"/?range={RANGE}&layout=grouped")
    downloaded(page, "svg")
    root = (
        "new DOMParser().parseFromString(dash_clientside.spanscape.mapAsSvg('#fff'), 'image/svg+xml').documentElement"
    )
    found = page.evaluate(
        f"(() => {{ const root = {root}; return [root.querySelectorAll('image').length, root.textContent,"
        " [...root.querySelectorAll('path')].filter(p => p.getAttribute('stroke') === 'rgb(179,38,30)').length] })()"
    )
    assert found[0] == SERVICES + 1
    assert "shop" in found[1]
    assert "service-23" in found[1]
    assert found[2] == SERVICES // 4


def test_mermaid_groups_what_stands_in_boxes_and_colours_what_fails(page):
    opened(page, f"/?range={RANGE}&layout=grouped")
    text = downloaded(page, "mermaid").path().read_text()
    lines = [line.strip() for line in text.splitlines()]
    assert lines[:3] == ["flowchart LR", 'subgraph b0["shop"]', "direction LR"]
    assert sum("-->" in line for line in lines) == SERVICES
    (failing,) = (line for line in lines if line.startswith("linkStyle"))
    assert failing.split()[1].count(",") == SERVICES // 4 - 1


def test_dots_move_until_they_are_switched_off(page):
    opened(page)
    page.evaluate(f"void {CY}.zoom(1)")
    page.wait_for_function(DOTS_ARE_SEEN, polling=POLLING_MS)
    page.locator("[data-tool=dots]").click()
    page.wait_for_function(f"!{DOTS_ARE_SEEN}", polling=POLLING_MS)
    opened(page)
    assert page.locator("[data-tool=dots]").get_attribute("aria-pressed") == "false"
    page.locator("[data-tool=dots]").click()
    page.wait_for_function(DOTS_ARE_SEEN, polling=POLLING_MS)


def test_a_narrow_page_has_its_panel_below_the_whole_map(page):
    page.set_viewport_size({"width": 900, "height": 900})
    opened(page, f"/?range={RANGE}&sel=service%3Aweb")
    panel = page.locator(f"#{ids.TOPOLOGY_PANEL}")
    panel.get_by_role("heading", name="web", exact=True).wait_for()
    page.wait_for_function(
        f"(() => {{ const top = document.getElementById('{ids.TOPOLOGY_PANEL}').offsetTop;"
        f" return top > 200 && {CY}.nodes().every(node => node.renderedPosition('y') < top) }})()"
    )
    page.locator(f"#{ids.TOPOLOGY_PANEL_CLOSE}").click()
    panel.wait_for(state="hidden")


def test_a_wide_page_has_the_whole_map_beside_its_panel_and_again_without(page):
    page.set_viewport_size({"width": 1440, "height": 900})
    opened(page, f"/?range={RANGE}&sel=service%3Aweb")
    panel = page.locator(f"#{ids.TOPOLOGY_PANEL}")
    panel.wait_for()
    rightmost = f"Math.max(...{CY}.nodes().map(node => node.renderedPosition('x')))"
    page.wait_for_function(f"{rightmost} < document.getElementById('{ids.TOPOLOGY_PANEL}').offsetLeft")
    page.locator(f"#{ids.TOPOLOGY_PANEL_CLOSE}").click()
    panel.wait_for(state="hidden")
    page.wait_for_function(f"{rightmost} > {CY}.width() * 0.8")


def test_a_panel_whose_numbers_take_long_says_what_they_will_be_of(page):
    opened(page)
    heading = page.locator(f"#{ids.TOPOLOGY_PANEL_BODY} h2")
    page.evaluate("void dash_clientside.spanscape.select('service:service-0')")
    page.wait_for_function(f"document.querySelector('#{ids.TOPOLOGY_PANEL_BODY} dl')")
    held = []
    page.route("**/_dash-update-component*", lambda route: held.append(route))
    page.evaluate("void dash_clientside.spanscape.select('service:service-4')")
    heading.filter(has_text="service-4").wait_for()
    panel = page.locator(f"#{ids.TOPOLOGY_PANEL}")
    assert panel.locator(".kind", has_text="Loading").is_visible()
    assert panel.locator("dl").count() == 0
    for route in held:
        route.continue_()
    panel.locator(f"#{ids.TOPOLOGY_PANEL_BODY} dl").wait_for()
    page.unroute("**/_dash-update-component*")


def test_a_new_service_that_would_not_be_seen_brings_the_map_into_view(page, collector):
    opened(page)
    at = {"start_ns": time.time_ns() - 5 * 10**9, "trace": "deep"}
    spans = [Span("service-3", "d0", kind="server", **at)]
    for number in range(1, 5):
        spans.append(Span(f"deeper-{number}", f"d{number}", parent=f"d{number - 1}", kind="server", **at))
    collector.send(request(spans, {"service.namespace": "shop"}))
    page.wait_for_function(f"{CY}.getElementById('service:deeper-4').length === 1")
    page.wait_for_function(f"{CY}.getElementById('service:deeper-4').renderedPosition('x') < {CY}.width()")


def test_the_whole_screen_and_the_overview(page):
    opened(page)
    overview = page.locator(".map-mini")
    assert not overview.is_visible()
    page.locator("[data-tool=full]").click()
    page.wait_for_function(f"document.fullscreenElement?.id === '{ids.TOPOLOGY_STAGE}'")
    page.locator("[data-tool=full]").click()
    page.wait_for_function("document.fullscreenElement === null")
    for _ in range(5):
        page.locator("[data-tool=zoom-in]").click()
    overview.wait_for()
    pan = page.evaluate(f"JSON.stringify({CY}.pan())")
    overview.click(position={"x": 10, "y": 10})
    page.wait_for_function(f"JSON.stringify({CY}.pan()) !== '{pan}'")


def test_nothing_moves_where_little_motion_is_asked_for(page, collector):
    page.emulate_media(reduced_motion="reduce")
    opened(page)
    page.evaluate(
        "animated = 0; void (" + CY + ").on('add', 'node', event => { animated += event.target.animated() ? 1 : 0 })"
    )
    assert page.locator("[data-tool=dots]").get_attribute("aria-pressed") == "false"
    at = {"start_ns": time.time_ns() - 5 * 10**9, "trace": "calm"}
    collector.send(request([Span("web", "w", kind="server", **at), Span("calm", "c", parent="w", kind="server", **at)]))
    page.wait_for_function(f"{CY}.getElementById('service:calm').length === 1")
    assert page.evaluate(f"{CY}.getElementById('service:calm').animated() || {CY}.animated()") is False
    assert page.evaluate(f"{CY}.getElementById('service:calm').style('opacity')") == "1"
    assert page.evaluate(DOTS_ARE_SEEN) is False
