"""The graph of one trace in a real browser: calls lead from left to right, whatever the services call."""

import itertools
import random
import time
from typing import Any

import pytest
from checkout_trace import MS
from otlp_requests import Span, request, trace_id

pytestmark = pytest.mark.browser

BOX = {"height": 48, "gap": 18, "thin": 8}
PLACES = """([graph, box]) => {
  const { at, ways } = dash_clientside.spanscape.trace.graphPlaces(graph, box);
  return {
    at: Object.fromEntries(Array.from(at, ([id, { column, y }]) => [id, [column, y]])),
    ways: graph.edges.map((edge) => (ways.get(edge) || []).map(({ column, y }) => [column, y])),
  };
}"""


def graph(calls: list[tuple[str, str]]) -> dict[str, Any]:
    nodes = dict.fromkeys(end for call in calls for end in call)
    return {
        "nodes": [{"id": node} for node in nodes],
        "edges": [{"source": source, "target": target} for source, target in calls],
    }


def some_graph(chosen: random.Random) -> dict[str, Any]:
    nodes = [f"s{number}" for number in range(chosen.randint(2, 12))]
    calls = {tuple(chosen.choices(nodes, k=2)) for _ in range(chosen.randint(1, 30))}
    return graph(sorted(calls))


def placed(page, graph: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = page.evaluate(PLACES, [graph, BOX])
    return answer


def test_a_service_stands_right_of_all_that_call_it(page):
    page.goto("/doctor")
    placed_by_name = placed(page, graph([("web", "db"), ("web", "cart"), ("cart", "stock"), ("stock", "db")]))["at"]
    assert {name: column for name, (column, _) in placed_by_name.items()} == {"web": 0, "cart": 1, "stock": 2, "db": 3}


def test_only_what_closes_a_circle_leads_back(page):
    page.goto("/doctor")
    circle = graph([("web", "a"), ("a", "b"), ("b", "c"), ("c", "a"), ("c", "c"), ("c", "d")])
    answer = placed(page, circle)
    assert {name: column for name, (column, _) in answer["at"].items()} == {"web": 0, "a": 1, "b": 2, "c": 3, "d": 4}
    assert [bool(way) for way in answer["ways"]] == [True, True, True, False, False, True]


@pytest.mark.parametrize("seed", range(4))
def test_no_call_leads_to_the_left_and_nothing_lies_on_anything(page, seed):
    page.goto("/doctor")
    chosen = random.Random(seed)
    for _ in range(50):
        given = some_graph(chosen)
        answer = placed(page, given)
        at = answer["at"]
        forward = [(edge, way) for edge, way in zip(given["edges"], answer["ways"], strict=True) if way]
        for edge, way in forward:
            first, last = at[edge["source"]], at[edge["target"]]
            assert (way[0], way[-1]) == (first, last)
            assert [column for column, _ in way] == list(range(first[0], last[0] + 1))
        for name, (column, _) in at.items():
            callers = [at[edge["source"]][0] for edge, _ in forward if edge["target"] == name]
            assert column == max((each + 1 for each in callers), default=0)
        places = [(column, y, BOX["height"]) for column, y in at.values()]
        places += [(column, y, BOX["thin"]) for _, way in forward for column, y in way[1:-1]]
        for column in {each for each, _, _ in places}:
            ranges = sorted((y - height / 2, y + height / 2) for each, y, height in places if each == column)
            assert all(one[1] + BOX["gap"] <= other[0] + 1e-6 for one, other in itertools.pairwise(ranges))


def test_five_columns_fit_beside_each_other(page, collector):
    names = ("web", "proxy", "cart", "stock", "store")
    spans = [
        Span(name, name, names[at - 1] if at else "", "row", "GET /", "server", duration_ns=MS * (9 - at))
        for at, name in enumerate(names)
    ]
    collector.send(request(spans))
    page.goto(f"/trace/{trace_id('row').hex()}?view=graph")
    page.locator(".trace-graph-node").nth(4).wait_for()
    stage = page.locator(".trace-graph")
    assert stage.evaluate("stage => stage.scrollWidth <= stage.clientWidth")
    # Beside the panel of a span too, and who came by keyboard goes on from the same service.
    page.locator('.trace-graph-node[data-name="cart"]').press("Enter")
    page.wait_for_function("document.querySelector('.trace-graph-space').style.zoom < 1")
    assert stage.evaluate("stage => stage.scrollWidth <= stage.clientWidth")
    assert page.evaluate("document.activeElement.dataset.name") == "cart"


def test_the_picture_draws_each_call_between_its_services(page, collector):
    start = time.time_ns()
    spans = [
        Span("web", "root", "", "circle", "GET /", "server", start, 90 * MS),
        Span("cart", "cart", "root", "circle", "GET /cart", "server", start + MS, 80 * MS),
        Span("stock", "stock", "cart", "circle", "GET /stock", "server", start + 2 * MS, 70 * MS),
        Span("cart", "again", "stock", "circle", "GET /cart", "server", start + 3 * MS, 60 * MS),
        Span("audit", "audit", "root", "circle", "POST /", "server", start + 4 * MS, 10 * MS),
        Span("stock", "noted", "audit", "circle", "POST /", "server", start + 5 * MS, 5 * MS),
    ]
    collector.send(request(spans))
    page.goto(f"/trace/{trace_id('circle').hex()}?view=graph")
    page.locator(".trace-graph-node").first.wait_for()
    left = {
        name: page.locator(f'.trace-graph-node[data-name="{name}"]').bounding_box()["x"]
        for name in ("web", "cart", "audit", "stock")
    }
    assert left["web"] < left["cart"] == left["audit"] < left["stock"]
    found = collector.get(f"/traces/{trace_id('circle').hex()}/graph")["edges"]
    assert page.locator(".trace-graph-edge").count() == len(found) == 5
    for each in page.locator(".trace-graph-edge").all():
        assert each.bounding_box()["width"] > 40
    # No line, also not the one that leads back from stock to cart, passes behind a service.
    hidden = page.evaluate("""() => Array.from(document.querySelectorAll(".trace-graph-line")).flatMap(line => {
      const boxes = Array.from(document.querySelectorAll(".trace-graph-node"), box => [
        box.offsetLeft, box.offsetTop, box.offsetLeft + box.offsetWidth, box.offsetTop + box.offsetHeight]);
      const points = Array.from({length: 101}, (_, at) => line.getPointAtLength(at * line.getTotalLength() / 100));
      return points.filter(({x, y}) => boxes.some(([left, top, right, bottom]) => x > left && x < right && y > top && y < bottom));
    }).length""")
    assert hidden == 0
