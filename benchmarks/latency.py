"""How soon after its export a trace can be seen, while other telemetry arrives."""

import random
import time
from contextlib import closing
from dataclasses import dataclass, field

import numpy as np

from benchmarks.collector_process import CollectorProcess, running_collector
from benchmarks.figures import Figure, Report, Target, percentile
from benchmarks.http_client import HttpClient
from benchmarks.load_process import background_load
from benchmarks.options import Options
from benchmarks.rounds import Round, Shape, last_second, number_words
from benchmarks.shop import SPANS_PER_TRACE

BACKGROUND_SPANS_PER_S = 30_000
SEEN_P99_MS = Target(300)
_PROBES_PER_S = 5
_POLL_PAUSE_S = 0.005
_GIVE_UP_S = 30.0


@dataclass
class _Probes:
    """Milliseconds since a probe was sent."""

    acknowledged_ms: list[float] = field(default_factory=list)
    seen_ms: list[float] = field(default_factory=list)
    background_spans_per_s: float = 0.0


def run(options: Options) -> Report:
    count = int(options.duration_s * _PROBES_PER_S if options.duration_s else options.pick(300, 15))
    rounds: list[_Probes] = []
    with options.fresh_folder() as folder, running_collector(folder) as collector:
        for _ in range(options.run_count):
            rounds.append(_probe(collector, count, options))
    seen = [probes.seen_ms for probes in rounds]
    lags = [[s - a for s, a in zip(probes.seen_ms, probes.acknowledged_ms, strict=True)] for probes in rounds]
    return Report(
        f"Export to answer, at {BACKGROUND_SPANS_PER_S:,} spans/s",
        [
            Figure("trace seen p50", "ms", [percentile(values, 0.50) for values in seen]),
            Figure("trace seen p95", "ms", [percentile(values, 0.95) for values in seen]),
            Figure("trace seen p99", "ms", [percentile(values, 0.99) for values in seen], SEEN_P99_MS),
            Figure("  export acknowledged p50", "ms", [percentile(probes.acknowledged_ms, 0.50) for probes in rounds]),
            Figure("  export acknowledged p99", "ms", [percentile(probes.acknowledged_ms, 0.99) for probes in rounds]),
            Figure("  seen after its acknowledgement p99", "ms", [percentile(values, 0.99) for values in lags]),
            Figure(
                "arrived meanwhile",
                "spans/s",
                [probes.background_spans_per_s for probes in rounds],
                Target(BACKGROUND_SPANS_PER_S * 0.98, at_least=True),
            ),
        ],
        [
            f"{count} traces of {SPANS_PER_TRACE} spans a run. "
            "From sending the export to the end of the first answer that holds the whole trace."
        ],
    )


def _probe(collector: CollectorProcess, count: int, options: Options) -> _Probes:
    probes, rnd = _Probes(), random.Random(count)
    rng, numbers = np.random.default_rng(), number_words(1000)
    source = Round(Shape(SPANS_PER_TRACE), rnd, by_trace=True)
    with (
        closing(HttpClient(collector.otlp_http)) as exporter,
        closing(HttpClient(collector.api)) as reader,
        background_load(collector, BACKGROUND_SPANS_PER_S, options.warm_up_s) as background,
    ):
        background.foreign_requests = count
        for _ in range(count):
            body = source.fresh(rng, last_second(), numbers)[0]
            _follow(exporter, reader, body, source.hex_trace_ids()[0], probes)
            time.sleep(rnd.uniform(0, 2 / _PROBES_PER_S))
    probes.background_spans_per_s = background.reached_spans_per_s
    return probes


def _follow(exporter: HttpClient, reader: HttpClient, body: bytes, trace_id: str, probes: _Probes) -> None:
    """Send one trace and ask for it until it is there. Raises RuntimeError when it never is."""
    sent = time.perf_counter()
    answer = exporter.export(body)
    if answer.status != 200:
        raise RuntimeError(f"the collector refused a probe: {answer.status} {answer.body[:200]!r}")
    probes.acknowledged_ms.append(answer.took_ms)
    while True:
        found = reader.get(f"/traces/{trace_id}")
        if found.status == 200 and len(found.json()["spans"]) == SPANS_PER_TRACE:
            probes.seen_ms.append((time.perf_counter() - sent) * 1000)
            return
        if time.perf_counter() - sent > _GIVE_UP_S:
            raise RuntimeError(f"trace {trace_id} was not there after {_GIVE_UP_S:g} s: {found.status}")
        time.sleep(_POLL_PAUSE_S)
