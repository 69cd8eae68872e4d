"""The map in headless Chromium: first paint, changes, a graph of 1,000 nodes and 5,000 edges, clicks.

The graph is generated through the collector.
"""

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from benchmarks.browser import WAIT_MS, chromium, opened, opening_ms
from benchmarks.collector_process import CollectorProcess, start_collector
from benchmarks.figures import Figure, Report, Target
from benchmarks.options import Options

_CY = "dash_clientside.spanscape.cy"
_CY_IF_THERE = "window.dash_clientside?.spanscape?.cy"
_SMALL = (20, 40)
_LARGE = (1000, 5000)


def _at_most(name: str, value: float, unit: str, values: list[float]) -> Figure:
    return Figure(name, unit, values, Target(value))


def run(options: Options) -> Report:
    """Left out when only other cases are asked for.

    Raises RuntimeError when Chromium or its driver is missing, or a page does not come to show what is stored.
    """
    if not options.chosen("map in the browser"):
        return Report("Dashboard", [], ["Left out: only other cases were asked for."])
    nodes, edges = (60, 200) if options.quick else _LARGE
    with chromium() as browser:
        small = _small(options, browser)
        large = _large(options, browser, nodes, edges)
    notes = [f"Large graph: {nodes} services, {edges} calls between them, sent as spans over OTLP/HTTP."]
    return Report("Dashboard", [*small, *large], notes)


def _small(options: Options, browser: Any) -> list[Figure]:
    with _system(options, *_SMALL) as (collector, url):
        paints = [opening_ms(browser, url, _map_of(_SMALL[0])) for _ in range(2 if options.quick else 5)]
        page, _ = opened(browser, url, _map_of(_SMALL[0]))
        seen = [_change_seen(page, collector, f"fresh-{number}") for number in range(3 if options.quick else 10)]
        page.close()
    return [
        _at_most("first paint of the map", 1500, "ms", paints[1:]),
        _at_most("change in the store to the map", 2000, "ms", seen),
    ]


def _large(options: Options, browser: Any, nodes: int, edges: int) -> list[Figure]:
    with _system(options, nodes, edges) as (collector, url):
        drawn = [opening_ms(browser, url, _map_of(nodes)) for _ in range(2 if options.quick else 5)]
        page, _ = opened(browser, url, _map_of(nodes))
        updates = [_change_seen(page, collector, f"fresh-{number}") for number in range(2 if options.quick else 9)]
        clicks = [_click(page, number) for number in range(5)]
        page.close()
    return [
        _at_most("large graph: from its address to the drawing", 3000, "ms", drawn),
        _at_most("large graph: change in the store to the map", 1000, "ms", updates),
        _at_most("large graph: click to the panel", 200, "ms", [named for named, _ in clicks]),
        Figure("  to its numbers", "ms", [told for _, told in clicks]),
    ]


@contextmanager
def _system(options: Options, nodes: int, edges: int) -> Iterator[tuple[CollectorProcess, str]]:
    """A collector that holds the graph, and a dashboard that shows it."""
    with options.fresh_folder() as folder:
        collector = start_collector(folder)
        try:
            for request in _graph(nodes, edges):
                send(collector, request)
            _await_edges(collector, edges)
            with running_dashboard(collector) as url:
                yield collector, url
        finally:
            collector.stop()


@contextmanager
def running_dashboard(collector: CollectorProcess) -> Iterator[str]:
    command = [sys.executable, "-m", "dashboard", "--collector", collector.api, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip().removeprefix("ready dashboard=")
        finally:
            process.terminate()


def _graph(nodes: int, edges: int) -> Iterator[ExportTraceServiceRequest]:
    """Calls between services, each of an earlier to a later one, every service with at least one."""
    chance = random.Random(7)
    pairs = {(chance.randrange(max(later - 60, 0), later), later) for later in range(1, nodes)}
    while len(pairs) < edges:
        later = chance.randrange(1, nodes)
        pairs.add((chance.randrange(max(later - 60, 0), later), later))
    ordered = sorted(pairs)
    for start in range(0, len(ordered), 500):
        request = ExportTraceServiceRequest()
        for caller, callee in ordered[start : start + 500]:
            add_call(request, f"service-{caller}", f"service-{callee}", failed=chance.random() < 0.02)
        yield request


def add_call(request: ExportTraceServiceRequest, caller: str, callee: str, failed: bool = False) -> None:
    """A client span of the caller and a server span of the callee, five seconds ago."""
    trace_id, client_id, server_id = random.randbytes(16), random.randbytes(8), random.randbytes(8)
    start_ns = time.time_ns() - 5 * 10**9
    halves = ((caller, client_id, b"", Span.SPAN_KIND_CLIENT), (callee, server_id, client_id, Span.SPAN_KIND_SERVER))
    for service, span_id, parent, kind in halves:
        resource = request.resource_spans.add()
        attribute = resource.resource.attributes.add(key="service.name")
        attribute.value.string_value = service
        span = resource.scope_spans.add().spans.add(name="call", kind=kind)
        span.trace_id, span.span_id, span.parent_span_id = trace_id, span_id, parent
        span.start_time_unix_nano, span.end_time_unix_nano = start_ns, start_ns + 10**7
        span.status.code = Status.STATUS_CODE_ERROR if failed else Status.STATUS_CODE_UNSET


def send(collector: CollectorProcess, request: ExportTraceServiceRequest) -> None:
    headers = {"Content-Type": "application/x-protobuf"}
    answer = requests.post(f"{collector.otlp_http}/v1/traces", request.SerializeToString(), headers=headers, timeout=60)
    answer.raise_for_status()


def _await_edges(collector: CollectorProcess, edges: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        answer = requests.get(f"{collector.api}/api/v1/topology", params={"start": "-5m"}, timeout=30).json()
        if len(answer["edges"]) >= edges:
            return
        time.sleep(0.2)
    raise RuntimeError(f"the map did not come to have {edges} edges")


def _map_of(nodes: int) -> str:
    return f"{_CY_IF_THERE}?.nodes().length >= {nodes}"


def _change_seen(page: Any, collector: CollectorProcess, name: str) -> float:
    """Milliseconds from sending a call to a new service until its node is on the map."""
    request = ExportTraceServiceRequest()
    add_call(request, "service-0", name)
    started = time.perf_counter()
    send(collector, request)
    page.wait_for_function(f"{_CY}.getElementById('service:{name}').length === 1", timeout=WAIT_MS)
    return (time.perf_counter() - started) * 1000


def _click(page: Any, number: int) -> tuple[float, float]:
    """Milliseconds from selecting a node until the panel beside the map names it, and until it has its numbers."""
    named, told = page.evaluate(
        """async (name) => {
          const started = performance.now();
          const until = async (there) => {
            while (!there()) {
              await new Promise((done) => setTimeout(done, 5));
            }
            return performance.now() - started;
          };
          dash_clientside.spanscape.select(`service:${name}`);
          const named = await until(() => document.querySelector("#topology-panel h2")?.textContent === name);
          return [named, await until(() => document.querySelector("#topology-panel dl"))];
        }""",
        f"service-{number * 7}",
    )
    return float(named), float(told)
