"""Breakers: from a change of state to the lamp and the edge in the browser, a page of thousands of lamps, the story of an opening.

Each change is told as a service tells it: a log record and the export of its metrics, over OTLP/HTTP, at that moment.
"""

import shutil
import time
from collections.abc import Iterator
from typing import Any

import requests
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from benchmarks.browser import WAIT_MS, chromium, opened, opening_ms
from benchmarks.collector_process import CollectorProcess, running_collector
from benchmarks.dashboard import add_call, running_dashboard
from benchmarks.figures import Figure, Report, Target, percentile
from benchmarks.options import Options
from benchmarks.preload import preloaded

_SERVICES, _TARGETS, _INSTANCES = 200, 10, 5
_STATES = ("closed", "open", "half_open")
_ROW = "#breakers-list .lamp-row"
_SCOPE = "spanscape.circuit_breaker"


def run(options: Options) -> Report:
    """Left out when only other cases are asked for. Raises RuntimeError when Chromium is missing or a page does not follow."""
    if not options.chosen("breakers"):
        return Report("Breakers", [], ["Left out: only other cases were asked for."])
    services = 5 if options.quick else _SERVICES
    with chromium() as browser:
        figures = [*_changes(options, browser), *_many(options, browser, services)]
    story, spans = _story(options)
    notes = [
        f"Thousands of lamps: {services * _TARGETS:,} breakers with {_INSTANCES} instances each.",
        f"Story: of an opening among {spans:,} stored spans, the calls of the 60 s before it.",
    ]
    return Report("Breakers", [*figures, *story], notes)


def _changes(options: Options, browser: Any) -> list[Figure]:
    """A breaker opens and closes again and again; a page of lamps and a map are open."""
    lamp_ms, edge_ms = [], []
    with options.fresh_folder() as folder, running_collector(folder) as collector:
        calls = ExportTraceServiceRequest()
        add_call(calls, "caller", "callee")
        _send(collector, "traces", calls)
        _tell(collector, "closed", "closed")
        with running_dashboard(collector) as url:
            lamps, _ = opened(browser, f"{url}/breakers", f"document.querySelector('{_ROW}')")
            on_map, _ = opened(browser, url, "window.dash_clientside?.spanscape?.cy?.edges('.breaker-closed').length")
            state = "closed"
            for _ in range(4 if options.quick else 40):
                before, state = state, "open" if state == "closed" else "closed"
                started = time.perf_counter()
                _tell(collector, before, state)
                _await(lamps, f"document.querySelector('{_ROW}').classList.contains('lamp-row-{state}')")
                lamp_ms.append((time.perf_counter() - started) * 1000)
                _await(on_map, f"dash_clientside.spanscape.cy.edges('.breaker-{state}').length")
                edge_ms.append((time.perf_counter() - started) * 1000)
            lamps.close()
            on_map.close()
    return [
        Figure("change of state to the lamp, p95", "ms", [percentile(lamp_ms, 0.95)], Target(2000)),
        Figure("change of state to the edge, p95", "ms", [percentile(edge_ms, 0.95)], Target(2000)),
    ]


def _many(options: Options, browser: Any, services: int) -> list[Figure]:
    breakers = services * _TARGETS
    with options.fresh_folder() as folder, running_collector(folder) as collector:
        for request in _exports(services):
            _send(collector, "metrics", request)
        _await_lamps(collector, breakers)
        with running_dashboard(collector) as url:
            told = f"document.getElementById('breakers-shown')?.textContent.startsWith('{breakers:,} ')"
            lamps = (f"{url}/breakers", f"{told} && document.querySelector('{_ROW}')")
            paints = [opening_ms(browser, *lamps) for _ in range(2 if options.quick else 4)]
            page, _ = opened(browser, *lamps)
            filters = [_in_page(page, _FILTER, f"svc-{number:03d}") for number in range(services)[:20]]
            frames = page.evaluate(_SCROLL)
            clicks = [_in_page(page, _CLICK, "") for _ in range(3 if options.quick else 8)]
            page.close()
    return [
        Figure("thousands of lamps: from the address to the first", "ms", paints[1:], Target(1500)),
        Figure("  filtered", "ms", filters, Target(100)),
        Figure("  scrolled: time between frames, p95", "ms", [percentile(frames, 0.95)], Target(50)),
        Figure("  click to the breaker's page", "ms", clicks, Target(1000)),
    ]


def _story(options: Options) -> tuple[list[Figure], int]:
    """Of an opening in the middle of the last hour of the preloaded store."""
    store, manifest = preloaded(options)
    opened_ns = manifest.hour_start_ns + (manifest.hour_end_ns - manifest.hour_start_ns) // 2
    with options.fresh_folder() as folder:
        shutil.copytree(store, folder / "store", symlinks=True)
        with running_collector(folder / "store") as collector:
            _record(collector, "gateway", "cart", "closed", "open", opened_ns, "gateway-1")
            name = {"service": "gateway", "start": str(opened_ns - 10**9), "end": str(opened_ns + 10**9)}
            id_ = _poll(lambda: _ask(collector, "/breakers/transitions", **name)["transitions"], "the opening")[0]["id"]
            took_ms = []
            for _ in range(3 if options.quick else 30):
                started = time.perf_counter()
                told = _ask(collector, f"/breakers/{id_}/story", at=str(opened_ns + 1))
                took_ms.append((time.perf_counter() - started) * 1000)
            if not told["before"]["calls"]:
                raise RuntimeError("the story knows no calls before the opening")
    return [Figure("story of an opening, p95", "ms", [percentile(took_ms, 0.95)], Target(300))], manifest.spans


_FILTER = """async (text) => {
  const started = performance.now();
  const field = document.getElementById("breakers-find");
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(field, text);
  field.dispatchEvent(new Event("input", { bubbles: true }));
  const shown = () => Array.from(document.querySelectorAll("#breakers-list .lamp-row"));
  while (shown().length !== 10 || !shown().every((row) => row.textContent.includes(text))) {
    await new Promise((done) => setTimeout(done, 1));
  }
  await new Promise((done) => requestAnimationFrame(done));
  return performance.now() - started;
}"""
_CLICK = """async () => {
  const started = performance.now();
  document.querySelector("#breakers-list .lamp-link").click();
  while (!document.querySelector(".breaker-head")) {
    await new Promise((done) => setTimeout(done, 5));
  }
  const took = performance.now() - started;
  history.back();
  while (!document.querySelector("#breakers-list .lamp-link")) {
    await new Promise((done) => setTimeout(done, 5));
  }
  return took;
}"""
_SCROLL = """async () => {
  const field = document.getElementById("breakers-find");
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(field, "");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  const frames = [];
  let last = await new Promise(requestAnimationFrame);
  for (let step = 0; step < 60; step += 1) {
    window.scrollBy(0, 700);
    const now = await new Promise(requestAnimationFrame);
    frames.push(now - last);
    last = now;
  }
  window.scrollTo(0, 0);
  return frames;
}"""


def _in_page(page: Any, script: str, argument: str) -> float:
    return float(page.evaluate(script, argument))


def _await(page: Any, condition: str) -> None:
    page.wait_for_function(condition, timeout=WAIT_MS, polling="raf")


def _tell(collector: CollectorProcess, before: str, state: str) -> None:
    """What a service sends when its breaker moves."""
    now_ns = time.time_ns()
    if before != state:
        _record(collector, "caller", "callee", before, state, now_ns)
    request = ExportMetricsServiceRequest()
    _breaker(request, "caller", "i1", "callee", state, now_ns)
    _send(collector, "metrics", request)


def _record(
    collector: CollectorProcess, service: str, target: str, before: str, state: str, at_ns: int, instance: str = "i1"
) -> None:
    request = ExportLogsServiceRequest()
    about = request.resource_logs.add(resource=_resource(service, instance))
    record = about.scope_logs.add().log_records.add(time_unix_nano=at_ns, event_name="circuit_breaker.state_change")
    words = {"name": target, "target": target, "state.previous": before, "state": state}
    record.attributes.extend(_words({f"circuit_breaker.{key}": word for key, word in words.items()}))
    _send(collector, "logs", request)


def _exports(services: int) -> Iterator[ExportMetricsServiceRequest]:
    """Two exports of each instance, ten seconds apart. Every fiftieth breaker is open in one instance."""
    now_ns = time.time_ns()
    for ago_s in (12, 2):
        for instance in range(_INSTANCES):
            request = ExportMetricsServiceRequest()
            for service in range(services):
                for target in range(_TARGETS):
                    is_open = instance == 0 and (service * _TARGETS + target) % 50 == 0
                    state, at_ns = "open" if is_open else "closed", now_ns - ago_s * 10**9
                    _breaker(
                        request, f"svc-{service:03d}", f"i{instance}", f"target-{target}", state, at_ns, 500 - ago_s
                    )
            yield request


def _breaker(
    request: ExportMetricsServiceRequest,
    service: str,
    instance: str,
    target: str,
    state: str,
    at_ns: int,
    calls: int = 0,
) -> None:
    metrics = request.resource_metrics.add(resource=_resource(service, instance)).scope_metrics.add()
    metrics.scope.name = _SCOPE
    about = {"circuit_breaker.name": target, "circuit_breaker.target": target}
    sums = [("circuit_breaker.state", float(one == state), {"circuit_breaker.state": one}, False) for one in _STATES]
    if calls:
        outcomes = (("success", calls), ("failure", calls // 20), ("rejected", calls // 50))
        sums += [
            ("circuit_breaker.calls", float(count), {"circuit_breaker.outcome": word}, True) for word, count in outcomes
        ]
    for name, value, words, is_monotonic in sums:
        found = metrics.metrics.add(name=name).sum
        found.aggregation_temporality, found.is_monotonic = 2, is_monotonic  # type: ignore[assignment]
        point = found.data_points.add(as_double=value, time_unix_nano=at_ns)
        point.attributes.extend(_words({**about, **words}))


def _resource(service: str, instance: str) -> Resource:
    return Resource(attributes=_words({"service.name": service, "service.instance.id": instance}))


def _words(words: dict[str, str]) -> list[KeyValue]:
    found = []
    for key, word in words.items():
        pair = KeyValue(key=key)
        pair.value.string_value = word
        found.append(pair)
    return found


def _send(collector: CollectorProcess, signal: str, request: Any) -> None:
    headers = {"Content-Type": "application/x-protobuf"}
    body = request.SerializeToString()
    requests.post(f"{collector.otlp_http}/v1/{signal}", body, headers=headers, timeout=60).raise_for_status()


def _ask(collector: CollectorProcess, path: str, **parameters: str) -> Any:
    answer = requests.get(f"{collector.api}/api/v1{path}", params=parameters, timeout=60)
    answer.raise_for_status()
    return answer.json()


def _await_lamps(collector: CollectorProcess, breakers: int) -> None:
    def known() -> bool:
        lamps = _ask(collector, "/breakers/lamps")["lamps"]
        return len(lamps) == breakers and all(lamp["instance_count"] == _INSTANCES for lamp in lamps)

    _poll(known, f"{breakers} breakers")


def _poll(check: Any, what: str) -> Any:
    deadline = time.monotonic() + 120
    while not (answer := check()):
        if time.monotonic() > deadline:
            raise RuntimeError(f"the collector did not come to know {what}")
        time.sleep(0.1)
    return answer
