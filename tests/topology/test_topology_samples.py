"""Recorded systems, loaded: the API shows the services, spans, traces and edges that their index states.

The samples are not part of the repository: SPANSCAPE_SAMPLES names their folder, with its `expected.json`. An edge A→B
there is a span of B whose parent is a span of A, which is the rule here for two services without a broker between them.
"""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from running_collector import RunningCollector, running_collector
from waiting import poll_until

from spanscape.load.loading import Loader, LoadOptions
from spanscape.load.sending import Exporter

_FOLDER = os.environ.get("SPANSCAPE_SAMPLES", "")
_EXPECTED: dict[str, Any] = json.loads(Path(_FOLDER, "expected.json").read_text()) if _FOLDER else {}
_FILES = sorted(_EXPECTED)
_NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)

_SENT_TWICE = {"otlp/duplicate-span.json": "telemetrygen", "zipkin/netflix.json": "unknown_service"}
"""The service of a span that a file has twice. The index counts it twice; here it counts once."""

_UNANSWERED = {
    "otlp/otel-demo-traces.pb": {"frontend -> product-catalog": 1},
    "otlp/otel-demo-traces.jsonl": {"frontend -> product-catalog": 1},
}
"""Client spans to a service's address whose server span is not in the file. The index knows no such calls; here they
are part of the edge to the service that the address names."""

_TO_OTHERS: dict[str, set[str]] = {
    "otlp/orphan-traces.pb": {"payment-service -> external:oteldemo.Payment-ServiceService"},
    "otlp/otel-demo-traces.pb": {
        "messaging:kafka/orders -> accounting",
        "messaging:kafka/orders -> fraud-detection",
        "accounting -> database:postgresql/otel@172.18.0.7",
        "cart -> database:redis/0@valkey-cart:6379",
    },
    "zipkin/netflix.json": {"apip -> external:evcache_g"},
    "zipkin/yelp.json": {
        "mobile_api -> external:blt",
        "mobile_api -> external:memcache",
        "yelp-main -> external:memcache",
        "yelp-main -> external:mysql",
    },
}
"""Edges to what sends no spans, of which the index does not speak."""
_TO_OTHERS["otlp/otel-demo-traces.jsonl"] = _TO_OTHERS["otlp/otel-demo-traces.pb"]

pytestmark = pytest.mark.skipif(not _FOLDER, reason="SPANSCAPE_SAMPLES does not name a folder of recorded samples")
_each_file = pytest.mark.parametrize("name", _FILES or ["none"])


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCollector]:
    """A collector with all samples, each moved to a day of its own, for several use the same ids and times."""
    folder = tmp_path_factory.mktemp("samples")
    with running_collector(folder, retention_days="0", pairing_grace_s="0", rollup_interval_s="0.1") as collector:
        with Exporter(collector.otlp_http, compress=False) as exporter:
            for number, name in enumerate(_FILES):
                _load(name, exporter, _NOON + timedelta(days=number))
        yield collector


def _load(name: str, exporter: Exporter, latest: datetime) -> None:
    options = LoadOptions(sources=(Path(_FOLDER, name),))
    loader = Loader(options, exporter, on_bytes=lambda count: None, on_sent=lambda count: None)
    loader.run(loader.offset_to(int(latest.timestamp()) * 10**9))
    assert all(report.complete for report in loader.reports), loader.reports


def _day_of(name: str) -> dict[str, str]:
    start = _NOON + timedelta(days=_FILES.index(name), hours=-12)
    return {"start": start.isoformat(), "end": (start + timedelta(days=1)).isoformat()}


def _spans_by_service(collector: RunningCollector, name: str) -> dict[str, int]:
    """Whatever a service did: its operations of all kinds."""
    names = [service["name"] for service in collector.get("/services", **_day_of(name))["services"]]
    answers = {one: collector.get(f"/services/{quote(one, safe='')}/operations", **_day_of(name)) for one in names}
    return {one: sum(operation["calls"] for operation in answer["operations"]) for one, answer in answers.items()}


def _edges(collector: RunningCollector, name: str) -> dict[str, tuple[int, int]]:
    """Calls and errors by `source -> target`, services by their name alone."""
    edges = {}
    for edge in collector.get("/topology", **_day_of(name))["edges"]:
        source, target = (edge[end].removeprefix("service:") for end in ("source", "target"))
        edges[f"{source} -> {target}"] = edge["calls"], edge["errors"]
    return edges


def _stated_spans(name: str) -> dict[str, int]:
    return {
        service: count - (service == _SENT_TWICE.get(name)) for service, count in _EXPECTED[name]["services"].items()
    }


def _stated_edges(name: str) -> dict[str, tuple[int, int]]:
    edges = {}
    for source, target, calls, errors in _EXPECTED[name]["edges"]:
        edge = f"{source} -> {target}"
        unanswered = _UNANSWERED.get(name, {}).get(edge, 0)
        edges[edge] = calls - (_SENT_TWICE.get(name) == target) + unanswered, errors
    return edges


@_each_file
def test_the_api_shows_the_services_and_edges_that_the_index_of_a_sample_states(
    name: str, loaded: RunningCollector
) -> None:
    spans, stated = _stated_spans(name), _stated_edges(name)
    poll_until(lambda: _spans_by_service(loaded, name) == spans, f"spans by service of {name} to be {spans}")
    poll_until(lambda: stated.items() <= _edges(loaded, name).items(), f"edges of {name} to be {stated}")
    assert _edges(loaded, name).keys() - stated.keys() == _TO_OTHERS.get(name, set())


@_each_file
def test_the_api_lists_all_traces_of_a_sample(name: str, loaded: RunningCollector) -> None:
    traces = loaded.get("/traces", **_day_of(name), limit=1000)["traces"]
    assert len({trace["trace_id"] for trace in traces}) == len(traces) == _EXPECTED[name]["traces"]
