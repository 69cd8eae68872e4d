"""How soon questions are answered, with millions of spans stored and more arriving."""

import random
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field

from benchmarks.collector_process import CollectorProcess, running_collector
from benchmarks.figures import Figure, Report, Target, percentile
from benchmarks.http_client import HttpClient
from benchmarks.load_process import background_load
from benchmarks.options import Options
from benchmarks.preload import Manifest, preloaded
from benchmarks.shop import ROUTES, SERVICES

BACKGROUND_SPANS_PER_S = 20_000
_HOUR_NS = 3600 * 10**9
_RECENT_S = 1800
_UNCOUNTED = 2

Parameters = dict[str, str | int]


@dataclass(frozen=True)
class Kind:
    """A kind of question. `ask` gives a path below /api/v1 and parameters;"""

    name: str
    ask: Callable[["Asker"], tuple[str, Parameters]]
    key: str
    """What the answer must hold some of."""
    p50_ms: Target | None = None
    p95_ms: Target | None = None
    may_be_empty: bool = False


class Asker:
    """Makes up random questions about what was loaded."""

    def __init__(self, manifest: Manifest, seed: int) -> None:
        self._manifest, self._rnd = manifest, random.Random(seed)

    def trace(self) -> tuple[str, Parameters]:
        return f"/traces/{self._rnd.choice(self._manifest.trace_ids)}", {}

    def service_and_status(self) -> tuple[str, Parameters]:
        return "/traces", {**self._last_hour(), "service": self._rnd.choice(SERVICES), "status": "error"}

    def operation(self) -> tuple[str, Parameters]:
        service = self._rnd.choice(SERVICES)
        return "/traces", {**self._last_hour(), "service": service, "operation": self._operation(service)}

    def duration(self) -> tuple[str, Parameters]:
        return "/traces", {**self._last_hour(), "min_duration": f"{self._rnd.randrange(100, 190)}ms"}

    def all_of_it(self) -> tuple[str, Parameters]:
        service = self._rnd.choice(SERVICES)
        text = f"service={service} status=error duration>{self._rnd.randrange(1, 60)}ms"
        return "/traces", {**self._last_hour(), "q": text}

    def rare_attribute(self) -> tuple[str, Parameters]:
        """The upper half of the customers: load in the background does not use them."""
        number = self._rnd.randrange(self._manifest.customers // 2, self._manifest.customers)
        return "/traces", {**self._last_hour(), "q": f'customer.id="{number:08}"'}

    def common_attribute(self) -> tuple[str, Parameters]:
        server = self._rnd.choice(SERVICES)
        route = f'http.route="{self._operation(server).removeprefix("GET ")}"'
        text = self._rnd.choice(("http.response.status_code=500", "db.system.name=postgresql", route))
        return "/traces", {**self._last_hour(), "q": text}

    def absent_attribute(self) -> tuple[str, Parameters]:
        return "/traces", {**self._last_hour(), "q": f'customer.id="nobody-{self._rnd.randrange(10**6)}"'}

    def longest(self) -> tuple[str, Parameters]:
        return "/traces", {**self._last_hour(), "service": self._rnd.choice(SERVICES), "sort": "duration"}

    def facets(self) -> tuple[str, Parameters]:
        return "/traces/facets", {**self._last_hour(), "q": self._some_filter()}

    def heatmap(self) -> tuple[str, Parameters]:
        return "/traces/heatmap", {**self._last_hour(), "q": self._some_filter()}

    def differences(self) -> tuple[str, Parameters]:
        chosen = self._rnd.choice(("status=error", f"duration>{self._rnd.randrange(50, 150)}ms"))
        return "/traces/differences", {**self._last_hour(), "selection": chosen}

    def keys(self) -> tuple[str, Parameters]:
        return "/attributes/keys", {**self._last_hour(), "prefix": self._rnd.choice(("", "h", "http.", "serv"))}

    def values(self) -> tuple[str, Parameters]:
        key = self._rnd.choice(("service", "operation", "http.route", "customer.id"))
        return f"/attributes/{key}/values", {**self._last_hour(), "prefix": self._rnd.choice(("", "a", "0"))}

    def _some_filter(self) -> str:
        return self._rnd.choice(("", "status=error", f"service={self._rnd.choice(SERVICES)}", "duration>100ms"))

    def any_hour(self) -> tuple[str, Parameters]:
        """Of the 23 before the last; one that something was loaded into."""
        start_ns = self._rnd.choice(self._manifest.day_windows_ns) - self._rnd.randrange(_HOUR_NS // 2)
        return "/topology", {"start": start_ns, "end": start_ns + _HOUR_NS}

    def last_hour(self) -> tuple[str, Parameters]:
        return "/topology", self._last_hour()

    def day(self) -> tuple[str, Parameters]:
        return "/topology", {"start": self._manifest.day_start_ns, "end": self._manifest.hour_end_ns}

    def services(self) -> tuple[str, Parameters]:
        return "/services", self._last_hour()

    def operations(self) -> tuple[str, Parameters]:
        return f"/services/{self._rnd.choice(SERVICES)}/operations", self._last_hour()

    def _operation(self, server: str) -> str:
        return f"GET /api/v1/{server}/{self._rnd.randrange(ROUTES)}"

    def _last_hour(self) -> Parameters:
        """The hour that was loaded and what arrived since; only that hour when it is long over."""
        over_s = time.time() - self._manifest.hour_end_ns / 1e9
        return {
            "start": self._manifest.hour_start_ns,
            "end": "now" if over_s < _RECENT_S else self._manifest.hour_end_ns,
        }


_SEARCH = (Target(30), Target(150))
_ATTRIBUTE = (None, Target(400))
KINDS = (
    Kind("trace by id", Asker.trace, "spans", None, Target(25)),
    Kind("search: service and status", Asker.service_and_status, "traces", *_SEARCH),
    Kind("search: operation", Asker.operation, "traces", *_SEARCH),
    Kind("search: duration", Asker.duration, "traces", *_SEARCH),
    Kind("search: service, status and duration", Asker.all_of_it, "traces", *_SEARCH, may_be_empty=True),
    Kind("search: rare attribute", Asker.rare_attribute, "traces", *_ATTRIBUTE),
    Kind("search: common attribute", Asker.common_attribute, "traces", *_ATTRIBUTE),
    Kind("search: attribute that nothing has", Asker.absent_attribute, "traces", *_ATTRIBUTE, may_be_empty=True),
    Kind("search: longest first", Asker.longest, "traces"),
    Kind("facets of a search", Asker.facets, "facets", None, Target(1000)),
    Kind("heat map of a search", Asker.heatmap, "cells", None, Target(1000)),
    Kind("what differs in a search", Asker.differences, "differences", None, Target(1500), may_be_empty=True),
    Kind("completion of keys", Asker.keys, "keys", None, Target(150)),
    Kind("completion of values", Asker.values, "values", None, Target(150), may_be_empty=True),
    Kind("topology of any hour", Asker.any_hour, "edges", None, Target(100)),
    Kind("topology of the last hour", Asker.last_hour, "edges", None, Target(100)),
    Kind("topology of 24 hours", Asker.day, "edges", None, Target(250)),
    Kind("services of the last hour", Asker.services, "services"),
    Kind("operations of a service", Asker.operations, "operations"),
)


@dataclass
class _Outcome:
    """Of one run, by kind."""

    took_ms: dict[str, list[float]]
    empty: Counter[str] = field(default_factory=Counter)
    """Answers that hold nothing, though there should be something."""
    failed: Counter[str] = field(default_factory=Counter)
    background_spans_per_s: float = 0.0


def run(options: Options) -> Report:
    """Each run starts with a copy of the store, which stays as it was loaded."""
    store, manifest = preloaded(options)
    count = int(options.pick(200, 10))
    kinds = [kind for kind in KINDS if options.chosen(kind.name)]
    outcomes: list[_Outcome] = []
    for number in range(options.run_count):
        with options.fresh_folder() as folder:
            shutil.copytree(store, folder / "store", symlinks=True)
            with running_collector(folder / "store") as collector:
                outcomes.append(_measure(collector, Asker(manifest, seed=number), kinds, count, options.warm_up_s))
    notes = [
        f"{manifest.hour_spans:,} spans lie in one hour, {manifest.day_spans:,} in the 23 hours before it. "
        f"Loaded in {manifest.load_s:.0f} s; the map of the whole day was exact {manifest.rollups_s:.1f} s after that.",
        f"{count} random questions of each kind a run, kinds mixed, one at a time; {_UNCOUNTED} of each before that.",
        *(f"{name}: {times} empty answers" for name, times in sum((one.empty for one in outcomes), Counter()).items()),
        *(f"{name}: {times} failures" for name, times in sum((one.failed for one in outcomes), Counter()).items()),
    ]
    title = f"Queries over {manifest.spans:,} spans, while {BACKGROUND_SPANS_PER_S:,} spans/s arrive"
    return Report(title, _figures(kinds, outcomes), notes)


def _figures(kinds: list[Kind], outcomes: list[_Outcome]) -> list[Figure]:
    figures = []
    for kind in kinds:
        took_ms = [outcome.took_ms[kind.name] for outcome in outcomes]
        figures.append(Figure(f"{kind.name} p50", "ms", [percentile(values, 0.50) for values in took_ms], kind.p50_ms))
        figures.append(Figure("  p95", "ms", [percentile(values, 0.95) for values in took_ms], kind.p95_ms))
    failures = [float(outcome.failed.total() + outcome.empty.total()) for outcome in outcomes]
    arrived = [outcome.background_spans_per_s for outcome in outcomes]
    return [
        *figures,
        Figure("failed or wrongly empty answers", "", failures, Target(0)),
        Figure("arrived meanwhile", "spans/s", arrived, Target(BACKGROUND_SPANS_PER_S * 0.98, at_least=True)),
    ]


def _measure(collector: CollectorProcess, asker: Asker, kinds: list[Kind], count: int, warm_up_s: float) -> _Outcome:
    questions = [kind for kind in kinds for _ in range(count)]
    random.Random(count).shuffle(questions)
    outcome = _Outcome({kind.name: [] for kind in kinds})
    with (
        closing(HttpClient(collector.api)) as client,
        background_load(collector, BACKGROUND_SPANS_PER_S, warm_up_s) as background,
    ):
        for kind in kinds * _UNCOUNTED:
            path, parameters = kind.ask(asker)
            client.get(path, **parameters)
        for kind in questions:
            _ask(client, asker, kind, outcome)
    outcome.background_spans_per_s = background.reached_spans_per_s
    return outcome


def _ask(client: HttpClient, asker: Asker, kind: Kind, outcome: _Outcome) -> None:
    path, parameters = kind.ask(asker)
    answer = client.get(path, **parameters)
    outcome.took_ms[kind.name].append(answer.took_ms)
    if answer.status != 200:
        outcome.failed[kind.name] += 1
        print(f"{path} {parameters}: {answer.status} {answer.body[:300]!r}", file=sys.stderr)
    elif not answer.json()[kind.key] and not kind.may_be_empty:
        outcome.empty[kind.name] += 1
