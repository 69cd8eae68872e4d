"""A map of many services: their names can be read, in the whole and nearer."""

import time

import pytest
from otlp_requests import Span, request
from waiting import poll_until

pytestmark = pytest.mark.browser

CY = "dash_clientside.spanscape.cy"
SERVICES = 48
FAILING = (9, 17, 33)
TEXTS_THAT_TOUCH = f"""
    const drawn = {{ includeOverlays: false, includeUnderlays: false }};
    const boxes = {CY}.nodes().map((node) => ({{ id: node.id(), ...node.boundingBox(drawn) }}));
    const touch = (one, other) => one.x1 < other.x2 && other.x1 < one.x2 && one.y1 < other.y2 && other.y1 < one.y2;
    const touched = (one, at) => boxes.slice(at + 1).filter((other) => touch(one, other));
    return boxes.flatMap((one, at) => touched(one, at).map((other) => [one.id, other.id]));
"""


@pytest.fixture(scope="module", autouse=True)
def telemetry(collector):
    """Rows of six services, each calling the next of its row; the first of all are called by one."""
    at = {"start_ns": time.time_ns() - 5 * 10**9, "trace": "row"}
    spans = [Span("web", "web", kind="server", **at)]
    for number in range(SERVICES):
        parent = f"n{number - 1}" if number % 6 else "web"
        spans.append(
            Span(f"some-service-{number}", f"n{number}", parent=parent, kind="server", error=number in FAILING, **at)
        )
    collector.send(request(spans))
    poll_until(lambda: len(collector.get("/topology", start="-15m")["edges"]) == SERVICES, "the calls")


def test_names_are_readable_and_numbers_come_nearer(page):
    page.set_viewport_size({"width": 900, "height": 700})
    page.goto("/?range=15m")
    page.wait_for_function(f"window.{CY}?.nodes().length === {SERVICES + 1}")
    page.wait_for_function(
        f"{CY}.nodes().every(node => parseFloat(node.style('font-size')) * {CY}.zoom() >= 9"
        " && (node.hasClass('bad') || node.style('label').replace('\\n', '') === node.data('name')))"
    )
    page.evaluate(f"void {CY}.zoom(1)")
    page.wait_for_function(f"{CY}.nodes().every(node => node.style('label') === node.data('label'))")


@pytest.mark.parametrize("width", [900, 1440])
def test_the_text_of_a_node_covers_no_other_node(page, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/?range=15m")
    page.wait_for_function(f"window.{CY}?.nodes().length === {SERVICES + 1}")
    page.wait_for_function(f"{CY}.nodes().every(node => parseFloat(node.style('font-size')) > 13)")
    assert page.evaluate(f"() => {{ {TEXTS_THAT_TOUCH} }}") == []
    failing = page.evaluate(f"{CY}.nodes('.bad').map(node => node.style('label'))")
    assert len(failing) >= len(FAILING)
    assert all("⚠" in label for label in failing)
