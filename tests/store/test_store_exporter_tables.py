"""A ClickHouse that a standard OpenTelemetry Collector fills can be browsed: read-only, on its own tables."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import exporter_tables
import pytest
import requests
from clickhouse_http_server import running_clickhouse
from exporter_tables import OTHER, TRACE
from running_collector import RunningCollector, start_collector

from collector.api import models


@pytest.fixture(scope="module", params=["embedded", "http"])
def browsing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCollector]:
    folder: Path = tmp_path_factory.mktemp("exporter")
    subprocess.run([sys.executable, exporter_tables.__file__, str(folder)], check=True, timeout=60, env={"TZ": "UTC"})
    with ExitStack() as running:
        address = running.enter_context(running_clickhouse(folder)) if request.param == "http" else ""
        collector = start_collector(
            folder, store_url=f"clickhouse://{address}" if address else "", store_readonly="true"
        )
        running.callback(collector.stop)
        yield collector


def test_receivers_are_off_and_nothing_was_created(browsing: RunningCollector) -> None:
    assert (browsing.otlp_http, browsing.otlp_grpc) == ("off", "off")
    assert requests.get(f"{browsing.api}/healthz", timeout=60).json() == {"status": "ok"}
    assert browsing.metrics()["commits_total"] == 0


def test_services(browsing: RunningCollector) -> None:
    answer = browsing.get("/services")
    models.Services.model_validate(answer, strict=True)
    gateway, orders = answer["services"]
    red = ("name", "namespace", "versions", "instances", "calls", "errors", "rejected")
    assert [gateway[key] for key in red] == ["gateway", "shop", ["2"], ["gateway-1"], 2, 0, 1]
    assert [orders[key] for key in red] == ["orders", "shop", ["2"], ["orders-1"], 1, 1, 0]
    assert orders["p50_ms"] == pytest.approx(2, rel=0.02)


def test_operations_and_time_series(browsing: RunningCollector) -> None:
    operations = browsing.get("/services/orders/operations")["operations"]
    assert [(one["name"], one["kind"], one["calls"], one["errors"]) for one in operations] == [
        ("GET /orders", "server", 1, 1),
        ("SELECT", "client", 1, 0),
    ]
    (point,) = browsing.get("/services/gateway/timeseries")["points"]
    assert (point["calls"], point["errors"], point["rejected"]) == (2, 0, 1)


@pytest.mark.parametrize("q", ["", "service=orders status=error"])
def test_topology(browsing: RunningCollector, q: str) -> None:
    answer = browsing.get("/topology", q=q)
    models.Topology.model_validate(answer, strict=True)
    edges = {
        (edge["source"], edge["target"]): (edge["kind"], edge["calls"], edge["errors"]) for edge in answer["edges"]
    }
    assert edges == {
        ("service:gateway", "service:orders"): ("call", 1, 1),
        ("service:orders", "database:postgresql/shop@db:5432"): ("database", 1, 0),
    }
    assert {node["id"] for node in answer["nodes"]} == {id_ for ends in edges for id_ in ends}


@pytest.mark.parametrize(
    ("environment", "names", "traces", "edges"),
    [
        ("production", ["gateway"], [TRACE, OTHER], {("service:gateway", "service:orders")}),
        (
            "test",
            ["orders"],
            [TRACE],
            {("service:gateway", "service:orders"), ("service:orders", "database:postgresql/shop@db:5432")},
        ),
    ],
)
def test_one_environment(
    browsing: RunningCollector, environment: str, names: list[str], traces: list[str], edges: set[tuple[str, str]]
) -> None:
    assert [one["name"] for one in browsing.get("/services", environment=environment)["services"]] == names
    graph = browsing.get("/topology", environment=environment)
    assert {(edge["source"], edge["target"]) for edge in graph["edges"]} == edges
    for sort in ("start", "spans"):
        found = browsing.get("/traces", environment=environment, sort=sort)["traces"]
        assert {one["trace_id"] for one in found} == set(traces)
    assert browsing.get("/traces/facets", environment=environment)["traces"] == len(traces)
    (name,) = names
    assert browsing.get(f"/services/{name}/operations", environment=environment)["operations"]
    assert browsing.get(f"/services/{name}/operations", environment="nowhere")["operations"] == []
    assert len(browsing.get(f"/services/{name}/versions", environment=environment)["versions"]) == 1


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("", [OTHER, TRACE]),
        ("service=orders status=error", [TRACE]),
        ("http.route=/orders kind=server", [TRACE]),
        ("n>2", [TRACE]),
        ("event=exception duration>=2ms", [TRACE]),
        ("resource.service.namespace=shop operation~health", [OTHER]),
        ("has(db.name) NOT db.name=shop", []),
    ],
)
def test_trace_search(browsing: RunningCollector, q: str, found: list[str]) -> None:
    answer = browsing.get("/traces", q=q)
    models.Traces.model_validate(answer, strict=True)
    assert sorted(one["trace_id"] for one in answer["traces"]) == sorted(found)


def test_what_stands_around_a_search(browsing: RunningCollector) -> None:
    facets = {facet["name"]: facet["values"] for facet in browsing.get("/traces/facets")["facets"]}
    assert {value["value"]: value["traces"] for value in facets["service"]} == {"gateway": 2, "orders": 1}
    assert [value["value"] for value in facets["version"]] == ["2"]
    heatmap = browsing.get("/traces/heatmap", q="service=orders")
    assert (heatmap["spans"], len(heatmap["points"])) == (2, 2)
    differences = browsing.get("/traces/differences", selection="service=orders")
    assert (differences["selected"], differences["rest"]) == (2, 3)
    assert [one["trace_id"] for one in browsing.get("/traces", sort="spans")["traces"]] == [TRACE, OTHER]
    assert "http.route" in {key["name"] for key in browsing.get("/attributes/keys")["keys"]}
    assert [one["value"] for one in browsing.get("/attributes/operation/values", prefix="sel")["values"]] == ["SELECT"]
    tail = browsing.get("/traces/tail")
    assert browsing.get("/traces/tail", cursor=tail["next"])["matched"] == 0


def test_a_trace(browsing: RunningCollector) -> None:
    answer = browsing.get(f"/traces/{TRACE}")
    models.Trace.model_validate(answer, strict=True)
    assert [(span["service"], span["name"], span["kind"], span["duration_ns"]) for span in answer["spans"]] == [
        ("gateway", "GET /orders", "server", "2000000"),
        ("gateway", "GET", "client", "2000000"),
        ("orders", "GET /orders", "server", "2000000"),
        ("orders", "SELECT", "client", "2000000"),
    ]
    failed = answer["spans"][2]
    assert (failed["status"], failed["attributes"], failed["scope"]["name"]) == (
        "error",
        {"http.route": "/orders"},
        "shop.http",
    )
    assert failed["resource"]["attributes"]["service.namespace"] == "shop"
    (event,), (link,) = failed["events"], failed["links"]
    assert (event["time_ns"], event["name"], event["attributes"]) == (
        "1769860800000000000", "exception", {"exception.type": "ValueError"},
    )  # fmt: skip
    assert (link["trace_id"], link["trace_state"], link["attributes"]) == (OTHER, "a=b", {"why": "retry"})
    assert answer["warnings"] == []


def test_a_trace_as_otlp(browsing: RunningCollector) -> None:
    answer = browsing.get(f"/traces/{TRACE}", format="otlp")
    spans = [
        span for resource in answer["resourceSpans"] for scope in resource["scopeSpans"] for span in scope["spans"]
    ]
    assert {span["spanId"]: span["kind"] for span in spans} == {
        "00000000000000a1": 2, "00000000000000a2": 3, "00000000000000a3": 2, "00000000000000a4": 3,
    }  # fmt: skip
    (failed,) = [span for span in spans if span["spanId"] == "00000000000000a3"]
    assert failed["status"] == {"code": 2}
    assert failed["links"][0]["traceId"] == OTHER


def test_the_logs_of_a_trace(browsing: RunningCollector) -> None:
    answer = browsing.get(f"/traces/{TRACE}/logs")
    models.Logs.model_validate(answer, strict=True)
    (record,) = answer["logs"]
    expected: dict[str, Any] = {
        "span_id": "00000000000000a3",
        "service": "orders",
        "severity": "ERROR",
        "severity_number": 17,
        "body": "no such order",
        "attributes": {"order": "7"},
        "event_name": "",
        "scope": "shop",
    }
    assert {key: record[key] for key in expected} == expected


def test_the_rejected_call_of_another_trace(browsing: RunningCollector) -> None:
    (span,) = browsing.get(f"/traces/{OTHER}")["spans"]
    assert span["rejected"] is True


def test_a_store_without_spans_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="has no table otel_traces to read from"):
        start_collector(tmp_path, store_readonly="true")
