"""The map of a search: the calls of exactly the traces that match, and how services fare in them."""

from pathlib import Path
from typing import Any

import pytest
from api_answers import MINUTE_NS, ask, minutes_ago
from otlp_requests import Span, request
from running_collector import RunningCollector, running_collector
from waiting import poll_until

from collector.api import models

START_NS = minutes_ago(20)
WINDOW = {"start": str(START_NS), "end": str(START_NS + 10 * MINUTE_NS)}


def _trace(number: int, bad: bool) -> list[Span]:
    """web asks orders, which fails in bad traces; in every second one orders asks stock."""
    at: dict[str, Any] = {"trace": f"m{number}", "start_ns": START_NS + number * 10**9}
    spans = [
        Span("web", "a", kind="server", attributes={"bad": bad}, **at),
        Span("web", "b", "a", kind="client", **at),
        Span("orders", "c", "b", kind="server", error=bad, **at),
    ]
    return [*spans, Span("stock", "d", "c", kind="server", **at)] if number % 2 else spans


SPANS = [span for number in range(10) for span in _trace(number, bad=number < 4)]
LONE = Span("lone", "l", trace="lone", start_ns=START_NS, error=True)


@pytest.fixture(scope="module", autouse=True)
def spans(collector: RunningCollector) -> None:
    collector.send(request([*SPANS, LONE]))

    def whole() -> bool:
        """A service is known at once, its calls are counted a moment later."""
        found = calls(collector.get("/topology", **WINDOW))
        return "lone" in found and [found.get(name) for name in ("web", "orders", "stock")] == [
            (10, 0),
            (10, 4),
            (5, 0),
        ]

    poll_until(whole, "the whole map with all calls")


def topology(collector: RunningCollector, **parameters: Any) -> dict[str, Any]:
    return ask(collector, models.Topology, "/topology", **WINDOW, **parameters)


def calls(graph: dict[str, Any]) -> dict[str, tuple[int, int]]:
    nodes = {node["name"]: (node["calls"], node["errors"]) for node in graph["nodes"]}
    edges = {f"{edge['source']} > {edge['target']}": (edge["calls"], edge["errors"]) for edge in graph["edges"]}
    return {**nodes, **edges}


def test_calls_and_services_are_those_of_the_matching_traces(collector: RunningCollector) -> None:
    graph = topology(collector, q="bad=true")
    assert (graph["traces"], graph["more_traces"]) == (4, False)
    assert calls(graph) == {
        "web": (4, 0), "orders": (4, 4), "stock": (2, 0),
        "service:web > service:orders": (4, 4), "service:orders > service:stock": (2, 0),
    }  # fmt: skip
    assert calls(topology(collector, q="service=stock bad=true")) == {}
    one = topology(collector, q="service=stock status!=error")
    assert one["traces"] == 5


def test_a_trace_of_a_single_service_is_a_node(collector: RunningCollector) -> None:
    assert calls(topology(collector, q="service=lone")) == {"lone": (1, 1)}


def test_without_a_filter_it_is_of_all_traces(collector: RunningCollector) -> None:
    graph = topology(collector)
    assert (graph["traces"], graph["more_traces"]) == (None, False)
    assert calls(graph)["web"] == (10, 0)


def test_of_many_traces_the_newest_are_shown(tmp_path: Path) -> None:
    with running_collector(tmp_path, topology_max_traces="3") as few:
        few.send(request(SPANS))
        poll_until(lambda: few.get("/topology", **WINDOW)["edges"], "edges")
        graph = topology(few, q="service=web")
        assert (graph["traces"], graph["more_traces"]) == (3, True)
        assert calls(graph)["web"] == (3, 0)
        assert calls(graph)["stock"] == (2, 0), "of the traces 7, 8 and 9"
        assert topology(few, q="bad=true service=web duration>1h")["traces"] == 0
