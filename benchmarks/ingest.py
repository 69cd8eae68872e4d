"""How many spans a second the collector makes durable, what that costs it, and how soon it acknowledges."""

import sys
from dataclasses import dataclass, field
from statistics import median

from benchmarks.collector_process import CollectorProcess, MemorySampler, running_collector
from benchmarks.figures import Figure, Report, Target, percentile
from benchmarks.load_generator import LoadPlan, LoadResult
from benchmarks.load_process import run_load
from benchmarks.options import Options
from benchmarks.rounds import Shape

GRPC_SHARE = Target(0.8, at_least=True)
ACKNOWLEDGED_P99_MS = Target(500)


@dataclass(frozen=True)
class Case:
    protocol: str
    shape: Shape
    connections: int
    target_spans_per_s: float = 0.0

    @property
    def name(self) -> str:
        return f"{self.protocol} {self.shape.name}"

    @property
    def target(self) -> Target | None:
        return Target(self.target_spans_per_s, at_least=True) if self.target_spans_per_s else None


CASES = (
    Case("http", Shape(1000), 192, 200_000),
    Case("http", Shape(270, small=True), 512, 216_000),
    Case("http", Shape(50), 1024, 80_000),
    Case("grpc", Shape(1000), 192),
    Case("grpc", Shape(270, small=True), 512),
    Case("grpc", Shape(50), 1024),
)


@dataclass
class _Runs:
    """One value a run."""

    spans_per_s: list[float] = field(default_factory=list)
    spans_per_cpu_s: list[float] = field(default_factory=list)
    generator_us_per_span: list[float] = field(default_factory=list)
    p50_ms: list[float] = field(default_factory=list)
    p99_ms: list[float] = field(default_factory=list)
    half_p50_ms: list[float] = field(default_factory=list)
    half_p99_ms: list[float] = field(default_factory=list)
    rss_mib: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    bytes_per_span: float = 0.0


def run(options: Options) -> Report:
    figures: list[Figure] = []
    speeds: dict[str, list[float]] = {}
    notes = ["Each run starts with an empty store. Half load: at half of the run's own speed."]
    for case in CASES:
        if not options.chosen(case.name):
            continue
        runs = _Runs()
        for _ in range(options.run_count):
            _measure(case, options, runs)
        speeds[case.name] = runs.spans_per_s
        figures += _figures(case, runs)
        notes.append(
            f"{case.name}: {runs.bytes_per_span:.0f} bytes a span, {options.connections or case.connections} requests "
            f"in flight; the load generator, on the same cores, took {median(runs.generator_us_per_span):.2f} µs a span"
        )
    for case in CASES:
        http, grpc = speeds.get(f"http {case.shape.name}"), speeds.get(case.name)
        if case.protocol == "grpc" and http and grpc:
            shares = [g / h for g, h in zip(grpc, http, strict=True) if h]
            figures.append(Figure(f"grpc / http {case.shape.name}", "", shares, GRPC_SHARE))
    return Report("Ingest", figures, notes)


def _measure(case: Case, options: Options, runs: _Runs) -> None:
    """One run at full speed and then at half of what it reached, in a store of its own."""
    duration_s = options.duration_s or options.pick(60, 5)
    with (
        options.fresh_folder() as folder,
        running_collector(folder) as collector,
        MemorySampler(collector, 0.2) as memory,
    ):
        cpu_s: list[float] = []
        plan = _plan(case, options, collector, duration_s)
        full = run_load(plan, lambda: cpu_s.append(collector.cpu_s()))
        spans = full.acknowledged * case.shape.spans
        speed = spans / full.elapsed_s
        half = run_load(_plan(case, options, collector, min(duration_s, 30), spans_per_s=max(1.0, speed / 2)))
        _check_counts(collector, full, half)
        peak = max(collector.rss_peak_bytes(), *memory.samples_bytes)
    runs.spans_per_s.append(speed)
    runs.spans_per_cpu_s.append(spans / max(cpu_s[1] - cpu_s[0], 0.01))
    runs.generator_us_per_span.append(full.cpu_s / max(spans, 1) * 1e6)
    runs.p50_ms.append(percentile(full.latencies_ms, 0.50))
    runs.p99_ms.append(percentile(full.latencies_ms, 0.99))
    runs.half_p50_ms.append(percentile(half.latencies_ms, 0.50))
    runs.half_p99_ms.append(percentile(half.latencies_ms, 0.99))
    runs.rss_mib.append(peak / 2**20)
    runs.refused.append(sum(full.refused.values()) + sum(half.refused.values()))
    runs.bytes_per_span = full.bytes_per_span


def _plan(
    case: Case, options: Options, collector: CollectorProcess, duration_s: float, spans_per_s: float = 0.0
) -> LoadPlan:
    return LoadPlan(
        protocol=case.protocol,
        address=collector.otlp_http if case.protocol == "http" else collector.otlp_grpc,
        spans=case.shape.spans,
        small=case.shape.small,
        connections=options.connections or case.connections,
        warm_up_s=min(5.0, duration_s / 5),
        duration_s=duration_s,
        spans_per_s=spans_per_s,
    )


def _check_counts(collector: CollectorProcess, *results: LoadResult) -> None:
    """The collector has committed what it acknowledged, and took all of it on the fast path; if not, says so."""
    figures = collector.figures()
    acknowledged = sum(result.acknowledged_ever for result in results)
    if figures["requests_total"] != acknowledged or figures["requests_normalised_total"]:
        print(f"warning: {acknowledged} requests acknowledged; the collector counts {figures}", file=sys.stderr)


def _figures(case: Case, runs: _Runs) -> list[Figure]:
    return [
        Figure(f"{case.name}", "spans/s", runs.spans_per_s, case.target),
        Figure("  per server CPU-second", "spans", runs.spans_per_cpu_s),
        Figure("  acknowledged p50", "ms", runs.p50_ms),
        Figure("  acknowledged p99", "ms", runs.p99_ms),
        Figure("  half load: acknowledged p50", "ms", runs.half_p50_ms),
        Figure("  half load: acknowledged p99", "ms", runs.half_p99_ms, ACKNOWLEDGED_P99_MS),
        Figure("  resident memory, most", "MiB", runs.rss_mib),
        Figure("  refused or failed requests", "", runs.refused, Target(0)),
    ]
