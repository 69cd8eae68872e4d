"""Ten minutes at full speed: how much memory the collector holds, and whether that grows."""

import statistics
from collections.abc import Sequence

from benchmarks.collector_process import MemorySampler, running_collector
from benchmarks.figures import Figure, Report, Target
from benchmarks.load_generator import LoadPlan
from benchmarks.load_process import run_load
from benchmarks.options import Options
from benchmarks.rounds import Shape

SHAPE = Shape(1000)
CONNECTIONS = 32
RESIDENT_MIB = Target(1024)
GROWTH_MIB = Target(32)
"""What is taken for no growth: medians of a minute of a steady process differ by as much."""


def run(options: Options) -> Report:
    duration_s = options.duration_s or options.pick(600, 10)
    with options.fresh_folder() as folder, running_collector(folder) as collector, MemorySampler(collector) as memory:
        connections = options.connections or CONNECTIONS
        plan = LoadPlan("http", collector.otlp_http, SHAPE.spans, SHAPE.small, connections, 2.0, duration_s)
        result = run_load(plan)
        samples_mib = [sample / 2**20 for sample in memory.samples_bytes]
        peak_mib = max(collector.rss_peak_bytes() / 2**20, *samples_mib)
        anonymous_mib = collector.rss_anonymous_bytes() / 2**20
    second_half = samples_mib[len(samples_mib) // 2 :]
    return Report(
        f"Soak, {duration_s:.0f} s of http {SHAPE.name} at full speed",
        [
            Figure("spans/s", "spans/s", [result.acknowledged * SHAPE.spans / result.elapsed_s]),
            Figure("resident memory, most", "MiB", [peak_mib], RESIDENT_MIB),
            Figure("resident memory, median of the second half", "MiB", [statistics.median(second_half)]),
            Figure("growth within the second half", "MiB", [_growth(second_half)], GROWTH_MIB),
            Figure("trend of the second half", "MiB/min", [_slope(second_half) * 60]),
            Figure("refused or failed requests", "", [float(sum(result.refused.values()))], Target(0)),
        ],
        [
            "Growth: median of the last tenth of the run less that of the tenth after its middle. Sampled each second.",
            f"At the end {anonymous_mib:.0f} MiB were anonymous, the rest mapped files such as the engine's library.",
        ],
    )


def _growth(samples: Sequence[float]) -> float:
    """Between the first and the last fifth."""
    fifth = max(1, len(samples) // 5)
    return statistics.median(samples[-fifth:]) - statistics.median(samples[:fifth])


def _slope(samples: Sequence[float]) -> float:
    """Least squares, per sample."""
    return statistics.linear_regression(range(len(samples)), samples).slope if len(samples) > 1 else 0.0
