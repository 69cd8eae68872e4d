"""The page of one trace in headless Chromium: opening, scrolling, searching and folding traces of 50,000 and 200,000 spans, and one
5,000 levels deep. Every opening is of another trace, so that neither the collector nor the browser has it yet. Other views are
asked for of a trace that was opened, as the page does; what it is compared with was not."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import ScopeSpans

from benchmarks.browser import chromium, heap_bytes, opened
from benchmarks.collector_process import CollectorProcess, start_collector
from benchmarks.dashboard import running_dashboard, send
from benchmarks.figures import Figure, Report, Target, percentile
from benchmarks.options import Options

_LARGE, _HUGE, _DEEP = 50_000, 200_000, 5_000
_SERVICES, _OPERATIONS = 20, 60
_REQUEST_SPANS = 10_000
_RECENT = 3_000  # most spans have one of the last so many as parent: deep and broad subtrees
_FRAMES = 150
_VIEWS: dict[str, tuple[str, dict[str, str], float]] = {
    "statistics by operation": ("statistics", {"by": "operation"}, 700),
    "statistics by attribute": ("statistics", {"by": "attribute:customer.id"}, 700),
    "flame graph": ("flame", {}, 700),
    "graph": ("graph", {}, 700),
    "find by attribute": ("find", {"q": "customer.id=customer-77"}, 300),
    "find a word": ("find", {"q": "customer-77"}, 300),
}
"""Path and parameters of the API, and milliseconds that the answer may take."""
_SETTLED = "await new Promise(done => requestAnimationFrame(() => setTimeout(done)));"


def run(options: Options) -> Report:
    """Left out when only other cases are asked for. Raises RuntimeError when Chromium is missing, or a page shows no rows."""
    if not options.chosen("trace page in the browser"):
        return Report("Trace page", [], ["Left out: only other cases were asked for."])
    large, huge, deep = (2_000, 4_000, 500) if options.quick else (_LARGE, _HUGE, _DEEP)
    with _system(options) as (collector, url), chromium() as browser:
        figures = [*_large(options, collector, browser, url, large)]
        figures += _others(options, collector, browser, url, huge, deep)
    notes = [f"Spans of {_SERVICES} services and {_OPERATIONS} operations, most below one of the last {_RECENT:,}."]
    return Report("Trace page", figures, notes)


@contextmanager
def _system(options: Options) -> Iterator[tuple[CollectorProcess, str]]:
    with options.fresh_folder() as folder:
        collector = start_collector(folder)
        try:
            with running_dashboard(collector) as url:
                yield collector, url
        finally:
            collector.stop()


def _large(options: Options, collector: CollectorProcess, browser: Any, url: str, spans: int) -> Iterator[Figure]:
    name = f"{spans:,} spans"
    answers, paints, pages = [], [], []
    views: dict[str, list[float]] = {view: [] for view in (*_VIEWS, "compare with another")}
    for _ in range(options.run_count):
        trace_id = _sent(collector, spans)
        answers.append(_answered(collector, trace_id))
        for view, (path, parameters, _) in _VIEWS.items():
            views[view].append(_answered(collector, trace_id, path, **parameters))
        views["compare with another"].append(
            _answered(collector, trace_id, "compare", **{"with": _sent(collector, spans)})
        )
        page, paint = _open(browser, url, _sent(collector, spans))
        paints.append(paint)
        pages.append(page)
    yield Figure(f"{name}: answer of the API", "ms", answers, Target(700))
    for view, times in views.items():
        yield Figure(f"{name}: answer, {view}", "ms", times, Target(_VIEWS[view][2] if view in _VIEWS else 700))
    yield Figure(f"{name}: address to first rows", "ms", paints, Target(1500))
    yield Figure(f"{name}: frames while scrolling, p95", "ms", [_scrolled(page) for page in pages], Target(50))
    yield Figure(f"{name}: search inside", "ms", [_searched(page) for page in pages], Target(300))
    yield Figure(f"{name}: search inside, attributes too", "ms", [_searched_all(page) for page in pages], Target(300))
    yield Figure(f"{name}: fold and unfold", "ms", [time for page in pages for time in _folded(page)], Target(100))
    for page in pages:
        page.close()


def _others(
    options: Options, collector: CollectorProcess, browser: Any, url: str, huge: int, deep: int
) -> Iterator[Figure]:
    paints, heaps, deep_paints = [], [], []
    for _ in range(options.run_count):
        page, paint = _open(browser, url, _sent(collector, huge))
        paints.append(paint)
        heaps.append(heap_bytes(page.context.new_cdp_session(page)) / 2**20)
        page.close()
        page, paint = _open(browser, url, _sent(collector, deep, is_deep=True))
        deep_paints.append(paint)
        page.close()
    yield Figure(f"{huge:,} spans: address to first rows", "ms", paints, Target(5000))
    yield Figure(f"{huge:,} spans: heap of the tab", "MiB", heaps, Target(200))
    yield Figure(f"{deep:,} levels: address to first rows", "ms", deep_paints, Target(1500))


def _answered(collector: CollectorProcess, trace_id: str, view: str = "outline", **parameters: str) -> float:
    """Milliseconds that a view of the trace takes, to its last byte."""
    started = time.perf_counter()
    url = f"{collector.api}/api/v1/traces/{trace_id}/{view}"
    requests.get(url, params=parameters, timeout=60).raise_for_status()
    return (time.perf_counter() - started) * 1000


def _open(browser: Any, url: str, trace_id: str) -> tuple[Any, float]:
    """The page, and milliseconds from asking for its address until rows are drawn. Every page starts without a cache."""
    return opened(browser, f"{url}/trace/{trace_id}", "document.querySelectorAll('.wf-row').length > 10")


def _scrolled(page: Any) -> float:
    """The p95 of the time from frame to frame while the rows are scrolled by a screen and more each time."""
    frames = page.evaluate(
        """async (frames) => {
          const rows = document.querySelector(".wf-scroll");
          const next = () => new Promise((done) => requestAnimationFrame(done));
          const times = [];
          let before = await next();
          for (let frame = 0; frame < frames; frame += 1) {
            rows.scrollTop += 700;
            const now = await next();
            times.push(now - before);
            before = now;
          }
          return times;
        }""",
        _FRAMES,
    )
    return percentile(frames, 0.95)


def _searched(page: Any) -> float:
    """Milliseconds from typing until matches are counted and marked."""
    return float(
        page.evaluate(
            f"""async () => {{
              const field = document.querySelector(".wf-find");
              const started = performance.now();
              field.value = "operation 7";
              field.dispatchEvent(new Event("input"));
              {_SETTLED}
              if (!/[1-9]/.test(document.querySelector(".wf-count").textContent)) throw new Error("nothing found");
              return performance.now() - started;
            }}"""
        )
    )


def _searched_all(page: Any) -> float:
    """Milliseconds from typing until the matches in attributes, which the collector finds, are counted too."""
    return float(
        page.evaluate(
            """async () => {
              const field = document.querySelector(".wf-find");
              const started = performance.now();
              field.value = "customer-77";
              field.dispatchEvent(new Event("input"));
              while (!/[1-9]/.test(document.querySelector(".wf-count").textContent)) {
                await new Promise((done) => setTimeout(done, 5));
              }
              return performance.now() - started;
            }"""
        )
    )


def _folded(page: Any) -> list[float]:
    """Milliseconds until all below the root is folded, and until it is back."""
    times = page.evaluate(
        f"""async () => {{
          const rows = document.querySelector(".wf-scroll");
          rows.scrollTop = 0;
          {_SETTLED}
          const times = [];
          for (let time = 0; time < 2; time += 1) {{
            const started = performance.now();
            document.querySelector(".wf-row[data-row='0'] .wf-fold").click();
            {_SETTLED}
            times.push(performance.now() - started);
          }}
          return times;
        }}"""
    )
    return [float(time) for time in times]


def _sent(collector: CollectorProcess, spans: int, is_deep: bool = False) -> str:
    """Stores a trace of so many spans; its id."""
    trace_id = random.randbytes(16)
    chance = random.Random(7)
    start_ns = time.time_ns() - 120 * 10**9
    made = [(b"", start_ns, 60 * 10**9)]
    for first in range(0, spans, _REQUEST_SPANS):
        request = ExportTraceServiceRequest()
        scopes = [_scope(request, f"service-{number}") for number in range(_SERVICES)]
        for number in range(first, min(first + _REQUEST_SPANS, spans)):
            parent = made[_parent(number, is_deep, chance)]
            made.append(_add(scopes[number % _SERVICES], trace_id, number, parent, chance, is_deep))
        send(collector, request)
    return trace_id.hex()


def _parent(number: int, is_deep: bool, chance: random.Random) -> int:
    if is_deep or number == 0:
        return number
    return chance.randrange(max(1, number - _RECENT) if chance.random() < 0.8 else 1, number + 1)


def _scope(request: ExportTraceServiceRequest, service: str) -> ScopeSpans:
    resource = request.resource_spans.add()
    resource.resource.attributes.add(key="service.name").value.string_value = service
    return resource.scope_spans.add()


def _add(
    scope: ScopeSpans,
    trace_id: bytes,
    number: int,
    parent: tuple[bytes, int, int],
    chance: random.Random,
    is_deep: bool,
) -> tuple[bytes, int, int]:
    """A span within its parent: (id, start, duration)."""
    parent_id, start_ns, duration_ns = parent
    span_id = (number + 1).to_bytes(8, "big")
    if parent_id:
        start_ns += 1000 if is_deep else int(duration_ns * chance.random() * 0.8)
        duration_ns = duration_ns - 2000 if is_deep else max(1000, int(duration_ns * chance.random() * 0.2))
    span = scope.spans.add(trace_id=trace_id, span_id=span_id, parent_span_id=parent_id)
    span.name, span.kind = f"operation {number % _OPERATIONS}", 1 + number % 5  # type: ignore[assignment]
    span.attributes.add(key="customer.id").value.string_value = f"customer-{number % 1000}"
    span.start_time_unix_nano, span.end_time_unix_nano = start_ns, start_ns + duration_ns
    span.status.code = 2 if chance.random() < 0.01 else 0  # type: ignore[assignment]
    return span_id, start_ns, duration_ns
