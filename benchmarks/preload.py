"""A store with millions of spans, written through the collector, to ask questions of.

Five sixths of the spans lie in the hour before loading ended, the rest in the 23 hours before that. They arrive in the
order of their times. A store is kept under its folder with a manifest, and used again as long as it is fresh.
"""

import asyncio
import json
import random
import shutil
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path

import uvloop

from benchmarks.collector_process import CollectorProcess, running_collector
from benchmarks.http_client import HttpClient
from benchmarks.http_sender import BACK_OFF_S, HttpSender, open_senders
from benchmarks.options import Options
from benchmarks.rounds import Shape, Source, Window
from benchmarks.shop import LAYERS

SHAPE = Shape(1000)
CONNECTIONS = 32
DEFAULT_SPANS, QUICK_SPANS = 10_000_000, 200_000
SPANS_PER_CUSTOMER = 10
_HOUR_NS = 3600 * 10**9
_MAX_WINDOW_NS = _HOUR_NS // 6
"""So that a few spans do not touch all of the 1,440 minutes of a day."""
_SAMPLED_TRACES = 3000
_LOAD_S, _CATCH_UP_S = 1800.0, 600.0
_STALE_S = 12 * 3600


@dataclass
class Manifest:
    """What was loaded."""

    hour_spans: int
    """In [start of the last hour, its end)."""
    day_spans: int
    """In the 23 hours before."""
    hour_start_ns: int
    customers: int
    traces: int = 0
    trace_ids: list[str] = field(default_factory=list)
    """A sample of those in the last hour."""
    day_windows_ns: list[int] = field(default_factory=list)
    """Starts of the stretches of the 23 hours before, of ten minutes at most, that have spans."""
    load_s: float = 0.0
    rollups_s: float = 0.0
    """From the last acknowledgement until the map of the whole day was exact."""

    @property
    def spans(self) -> int:
        return self.hour_spans + self.day_spans

    @property
    def day_start_ns(self) -> int:
        return self.hour_start_ns - 23 * _HOUR_NS

    @property
    def hour_end_ns(self) -> int:
        return self.hour_start_ns + _HOUR_NS


def preloaded(options: Options) -> tuple[Path, Manifest]:
    """The folder of a store that no collector has open, and what is in it; loads it unless it is there."""
    spans = options.spans or int(options.pick(DEFAULT_SPANS, QUICK_SPANS))
    home = options.folder / f"preloaded-{spans}"
    file, store = home / "manifest.json", home / "store"
    if file.exists():
        manifest = Manifest(**json.loads(file.read_text()))
        if time.time() - manifest.hour_end_ns / 1e9 < _STALE_S:
            return store, manifest
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    with running_collector(store) as collector:
        manifest = load(collector, spans, spans // 5)
    file.write_text(json.dumps(asdict(manifest)))
    return store, manifest


def load(collector: CollectorProcess, hour_spans: int, day_spans: int) -> Manifest:
    """At least so many spans, in whole rounds. Returns when the roll-ups are exact.

    Raises RuntimeError when the collector refuses spans or the roll-ups do not get there.
    """
    manifest = Manifest(hour_spans, day_spans, time.time_ns() - _HOUR_NS, max(100, hour_spans // SPANS_PER_CUSTOMER))
    started = time.perf_counter()
    uvloop.run(_send_all(collector, manifest))
    manifest.load_s = time.perf_counter() - started
    _await_rollups(collector, manifest)
    manifest.rollups_s = time.perf_counter() - started - manifest.load_s
    return manifest


async def _send_all(collector: CollectorProcess, manifest: Manifest) -> None:
    bodies = _bodies(manifest)
    async with asyncio.timeout(_LOAD_S), open_senders(collector.otlp_http, CONNECTIONS) as senders:
        await asyncio.gather(*(_send_each(bodies, sender) for sender in senders))


async def _send_each(bodies: Iterator[bytes], sender: HttpSender) -> None:
    """Until there are no more. What is refused for lack of room is sent again."""
    for body in bodies:
        while True:
            status = await sender.send(body)
            if status == 200:
                break
            if status != 503:
                raise RuntimeError(f"the collector refused what was to be loaded: {status}")
            await asyncio.sleep(BACK_OFF_S)


def _bodies(manifest: Manifest) -> Iterator[bytes]:
    """The requests, oldest first. Completes the manifest on the way."""
    source, rnd = Source(SHAPE, seed=7, customers=manifest.customers), random.Random(7)
    per_round = source.rounds[0].span_count
    day = (manifest.day_spans, manifest.day_start_ns, 23 * _HOUR_NS)
    hour = (manifest.hour_spans, manifest.hour_start_ns, _HOUR_NS)
    for spans, start_ns, length_ns in (day, hour):
        count = -(-spans // per_round)
        for number in range(count):
            window = Window(start_ns + length_ns * number // count, min(length_ns // count, _MAX_WINDOW_NS))
            one, bodies = source.next_round(window)
            manifest.traces += one.trace_count
            if start_ns == manifest.day_start_ns:
                manifest.day_windows_ns.append(window.start_ns)
            else:
                wanted = min(one.trace_count, 1 + _SAMPLED_TRACES // count)
                manifest.trace_ids += rnd.sample(one.hex_trace_ids(), wanted)
            yield from bodies
    manifest.day_spans = -(-manifest.day_spans // per_round) * per_round
    manifest.hour_spans = -(-manifest.hour_spans // per_round) * per_round


def _await_rollups(collector: CollectorProcess, manifest: Manifest) -> None:
    """Every trace calls once from the gateway to the layer below: the map is exact when it counts as many calls."""
    deadline = time.monotonic() + _CATCH_UP_S
    gateway = f"service:{LAYERS[0][0]}"
    with closing(HttpClient(collector.api)) as client:
        while True:
            answer = client.get("/topology", start=manifest.day_start_ns, end=manifest.hour_end_ns + _HOUR_NS // 4)
            edges = answer.json()["edges"] if answer.status == 200 else []
            calls = sum(edge["calls"] for edge in edges if edge["source"] == gateway)
            if calls == manifest.traces:
                return
            if time.monotonic() > deadline:
                raise RuntimeError(
                    f"after {_CATCH_UP_S:g} s the map counts {calls} of {manifest.traces} calls of {gateway}"
                )
            time.sleep(0.5)
