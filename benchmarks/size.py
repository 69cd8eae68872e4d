"""What a span costs on disk when parts are merged, and how soon a store of millions answers after a start."""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from benchmarks.collector_process import start_collector
from benchmarks.disk_usage import DiskUsage
from benchmarks.figures import Figure, Report, Target
from benchmarks.http_client import HttpClient
from benchmarks.options import PROJECT, Options
from benchmarks.preload import Manifest, preloaded

BYTES_PER_SPAN = Target(60)
OPEN_S = Target(2)
_LARGEST = 10


def run(options: Options) -> Report:
    store, manifest = preloaded(options)
    opens = [_open(store, manifest) for _ in range(options.runs or int(options.pick(5, 2)))]
    usage = _disk_usage(store)
    return Report(
        f"Size and opening, {usage.spans:,} spans",
        [
            Figure("on disk, merged: all tables", "bytes/span", [usage.merged_bytes / usage.spans], BYTES_PER_SPAN),
            Figure("  before merging", "bytes/span", [usage.found_bytes / usage.spans]),
            Figure("start to ready", "s", [ready_s for ready_s, _ in opens], OPEN_S),
            Figure("start to the first answer", "s", [answer_s for _, answer_s in opens]),
        ],
        [
            f"Merging everything took {usage.merge_s:.0f} s. Opened before that, with warm file caches.",
            "The first answer is a trace by its id.",
            f"Tables, bytes a span: {_largest(usage.tables, usage.spans)}",
            f"otel_traces, bytes a span: {_largest(usage.columns, usage.spans)}",
        ],
    )


def _largest(sizes: Sequence[tuple[str, int]], spans: int) -> str:
    return ", ".join(f"{name} {size / spans:.2f}" for name, size in sizes[:_LARGEST])


def _open(store: Path, manifest: Manifest) -> tuple[float, float]:
    """Seconds from the start of the process to its ready line and to the end of the first answer."""
    started = time.perf_counter()
    collector = start_collector(store)
    try:
        with closing(HttpClient(collector.api)) as client:
            answer = client.get(f"/traces/{manifest.trace_ids[0]}")
            answered_s = time.perf_counter() - started
        if answer.status != 200:
            raise RuntimeError(f"the first answer was {answer.status}: {answer.body[:300]!r}")
        return collector.started_in_s, answered_s
    finally:
        collector.stop()


def _disk_usage(store: Path) -> DiskUsage:
    """In a process of its own: an engine opens one folder in its life."""
    command = [sys.executable, "-m", "benchmarks.disk_usage", str(store.resolve())]
    return DiskUsage(
        **json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=PROJECT).stdout)
    )
