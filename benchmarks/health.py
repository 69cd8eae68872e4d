"""The health page with many services: from the address to the grid, filtering, scrolling. Their health is told by metrics."""

import time
from typing import Any

import requests
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from benchmarks.browser import chromium, opened, opening_ms
from benchmarks.collector_process import CollectorProcess, running_collector
from benchmarks.dashboard import running_dashboard
from benchmarks.figures import Figure, Report, Target, percentile
from benchmarks.options import Options

_SERVICES, _INSTANCES = 200, 5
_ROWS = "document.querySelectorAll('.health-row').length"


def run(options: Options) -> Report:
    """Left out when only other cases are asked for. Raises RuntimeError when Chromium is missing or a page shows no rows."""
    if not options.chosen("health"):
        return Report("Health", [], ["Left out: only other cases were asked for."])
    services = 5 if options.quick else _SERVICES
    with options.fresh_folder() as folder, running_collector(folder) as collector, chromium() as browser:
        _tell(collector, services)
        with running_dashboard(collector) as url:
            grid = (f"{url}/health", f"{_ROWS} === {services}")
            paints = [opening_ms(browser, *grid) for _ in range(2 if options.quick else 4)]
            page, _ = opened(browser, *grid)
            filters = [float(page.evaluate(_FILTER, f"svc-{number:03d}")) for number in range(services)[:20]]
            frames = page.evaluate(_SCROLL)
        answers = [_answer_ms(collector) for _ in range(10)]
    figures = [
        Figure("health of many services: from the address to the grid", "ms", paints[1:], Target(1500)),
        Figure("  filtered", "ms", filters, Target(100)),
        Figure("  scrolled: time between frames, p95", "ms", [percentile(frames, 0.95)], Target(50)),
        Figure("  the answer of the API", "ms", answers),
    ]
    return Report("Health", figures, [f"{services} services with {_INSTANCES} instances each."])


_FILTER = """async (text) => {
  const started = performance.now();
  const field = document.getElementById("health-find");
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(field, text);
  field.dispatchEvent(new Event("input", { bubbles: true }));
  const shown = () => document.querySelectorAll(".health-row:not([hidden])");
  while (shown().length !== 1 || shown()[0].dataset.service !== text) {
    await new Promise((done) => setTimeout(done, 1));
  }
  await new Promise((done) => requestAnimationFrame(done));
  return performance.now() - started;
}"""
_SCROLL = """async () => {
  const field = document.getElementById("health-find");
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(field, "");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  const frames = [];
  let last = await new Promise(requestAnimationFrame);
  for (let step = 0; step < 60; step += 1) {
    window.scrollBy(0, 400);
    const now = await new Promise(requestAnimationFrame);
    frames.push(now - last);
    last = now;
  }
  return frames;
}"""


def _tell(collector: CollectorProcess, services: int) -> None:
    """Every tenth service has an instance that is not ready."""
    request = ExportMetricsServiceRequest()
    for service in range(services):
        for instance in range(_INSTANCES):
            about = request.resource_metrics.add()
            for key, word in (("service.name", f"svc-{service:03d}"), ("service.instance.id", f"i{instance}")):
                about.resource.attributes.append(KeyValue(key=key, value=AnyValue(string_value=word)))
            point = about.scope_metrics.add().metrics.add(name="k8s.container.ready").gauge.data_points.add()
            point.time_unix_nano, point.as_int = time.time_ns(), int(instance > 0 or service % 10 > 0)
    body, headers = request.SerializeToString(), {"Content-Type": "application/x-protobuf"}
    requests.post(f"{collector.otlp_http}/v1/metrics", body, headers=headers, timeout=60).raise_for_status()
    deadline = time.monotonic() + 120
    while len(_services(collector)) < services:
        if time.monotonic() > deadline:
            raise RuntimeError("the collector did not come to know the services")
        time.sleep(0.1)


def _services(collector: CollectorProcess) -> list[Any]:
    answer = requests.get(f"{collector.api}/api/v1/health", timeout=60)
    answer.raise_for_status()
    return list(answer.json()["services"])


def _answer_ms(collector: CollectorProcess) -> float:
    started = time.perf_counter()
    _services(collector)
    return (time.perf_counter() - started) * 1000
