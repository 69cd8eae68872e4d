"""What each call answers, on a small shop whose spans are all known."""

import re
import time
from base64 import b64decode
from typing import Any

import pytest
import requests
from api_answers import MINUTE_NS, ask, minutes_ago, without_percentiles
from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from otlp_requests import Span, any_value, key_values, request, span_id, trace_id
from running_collector import RunningCollector
from waiting import poll_until

from collector.api import models

START_NS = minutes_ago(20)
WINDOW = {"start": str(START_NS), "end": str(START_NS + 10 * MINUTE_NS)}
ORDER, HEALTH = trace_id("order").hex(), trace_id("health").hex()
MS = 1_000_000


def order_spans() -> list[Span]:
    """gateway calls orders, which fails after asking its database and telling a broker that mailer listens to."""
    broker = {"messaging.system": "kafka", "messaging.destination.name": "placed"}

    def at(id_: str, parent: str, service: str, ms: int, **more: Any) -> Span:
        return Span(service, id_, parent, "order", start_ns=START_NS + ms * MS, **more)

    return [
        at("root", "", "gateway", 0, name="POST /orders", kind="server", duration_ns=90 * MS),
        at("call", "root", "gateway", 1, kind="client", duration_ns=80 * MS),
        at("serve", "call", "orders", 2, name="POST /orders", kind="server", duration_ns=70 * MS, error=True),
        at(
            "query", "serve", "orders", 3, kind="client", attributes={"db.system.name": "redis", "server.address": "db"}
        ),
        at("send", "serve", "orders", 4, kind="producer", attributes=broker),
        at("mail", "send", "mailer", 5, kind="consumer", attributes={**broker, "messaging.operation.type": "process"}),
    ]


@pytest.fixture(scope="module")
def shop(collector: RunningCollector) -> RunningCollector:
    about = {"service.version": "1.4.0", "service.namespace": "shop", "service.instance.id": "a"}
    collector.send(request(order_spans(), about))
    health = {"trace": "health", "name": "GET /health", "attributes": {"http.response.status_code": 429}}
    collector.send(request([Span("gateway", "r", kind="server", start_ns=START_NS + MINUTE_NS, **health)], about))
    poll_until(lambda: len(collector.get("/topology", **WINDOW)["edges"]) == 4, "the four edges")
    poll_until(lambda: calls_of_gateway(collector) == 2, "the minute of the second request in the roll-ups")
    return collector


def calls_of_gateway(collector: RunningCollector) -> int:
    services = collector.get("/services", **WINDOW)["services"]
    return sum(row["calls"] for row in services if row["name"] == "gateway")


def test_services(shop: RunningCollector) -> None:
    answer = ask(shop, models.Services, "/services", **WINDOW)
    about = {"namespace": "shop", "environments": [], "versions": ["1.4.0"], "instances": ["a"]}
    about = {**about, "silent": False, "health": "unknown"}
    assert [row.pop("last_seen") > "2026" for row in answer["services"]] == [True] * 3
    assert [without_percentiles(row) for row in answer["services"]] == [
        {"name": "gateway", "calls": 2, "errors": 0, "rejected": 1, **about},
        {"name": "mailer", "calls": 1, "errors": 0, "rejected": 0, **about},
        {"name": "orders", "calls": 1, "errors": 1, "rejected": 0, **about},
    ]
    orders = answer["services"][2]
    assert [orders[key] for key in ("p50_ms", "p95_ms", "p99_ms")] == pytest.approx([70, 70, 70], rel=0.01)


def test_operations(shop: RunningCollector) -> None:
    answer = ask(shop, models.Operations, "/services/orders/operations", **WINDOW)
    assert [without_percentiles(row) for row in answer["operations"]] == [
        {"name": "POST /orders", "kind": "server", "calls": 1, "errors": 1, "rejected": 0},
        {"name": "query", "kind": "client", "calls": 1, "errors": 0, "rejected": 0},
        {"name": "send", "kind": "producer", "calls": 1, "errors": 0, "rejected": 0},
    ]


@pytest.mark.parametrize(("step", "starts"), [("1m", [0, 1]), ("60s", [0, 1]), ("1d", None)])
def test_time_series(shop: RunningCollector, step: str, starts: list[int] | None) -> None:
    answer = ask(shop, models.TimeSeries, "/services/gateway/timeseries", step=step, **WINDOW)
    if starts is None:
        assert sum(point["calls"] for point in answer["points"]) == 2
        assert all(int(point["start_ns"]) % (86400 * 10**9) == 0 for point in answer["points"])
    else:
        assert answer["step_s"] == 60
        assert [int(point["start_ns"]) for point in answer["points"]] == [START_NS + n * MINUTE_NS for n in starts]
        assert [(point["calls"], point["rejected"]) for point in answer["points"]] == [(1, 0), (1, 1)]


@pytest.mark.parametrize(
    ("ends", "counts"),
    [
        ({"source": "service:gateway", "target": "service:orders"}, (1, 1)),
        ({"target": "database:redis@db"}, (1, 0)),
        ({"source": "service:orders"}, (2, 0)),
        ({"source": "messaging:kafka/placed", "target": "service:orders"}, (0, 0)),
    ],
)
def test_time_series_of_calls(shop: RunningCollector, ends: dict[str, str], counts: tuple[int, int]) -> None:
    points = ask(shop, models.TimeSeries, "/topology/timeseries", **ends, **WINDOW)["points"]
    assert (sum(point["calls"] for point in points), sum(point["errors"] for point in points)) == counts


EDGES = {
    ("service:gateway", "service:orders", "call", 1, 1),
    ("service:orders", "database:redis@db", "database", 1, 0),
    ("service:orders", "messaging:kafka/placed", "messaging", 1, 0),
    ("messaging:kafka/placed", "service:mailer", "messaging", 1, 0),
}


def test_topology(shop: RunningCollector) -> None:
    answer = ask(shop, models.Topology, "/topology", **WINDOW)
    ends = ("source", "target", "kind", "calls", "errors")
    assert {tuple(edge[key] for key in ends) for edge in answer["edges"]} == EDGES
    nodes = {node["id"]: (node["kind"], node["name"], node["calls"], node["errors"]) for node in answer["nodes"]}
    assert nodes == {
        "service:gateway": ("service", "gateway", 2, 0),
        "service:orders": ("service", "orders", 1, 1),
        "service:mailer": ("service", "mailer", 1, 0),
        "database:redis@db": ("database", "redis@db", 1, 0),
        "messaging:kafka/placed": ("messaging", "kafka/placed", 1, 0),
    }
    assert answer["unpaired"] == 0


@pytest.mark.parametrize(
    ("parameters", "names"),
    [
        ({"service": "gateway"}, {"gateway", "orders"}),
        ({"service": "gateway", "hops": 2}, {"gateway", "orders", "redis@db", "kafka/placed"}),
        ({"service": "mailer", "hops": 1}, {"mailer", "kafka/placed"}),
        ({"service": "nobody"}, set()),
        ({"q": "service=mailer"}, {"gateway", "orders", "redis@db", "kafka/placed", "mailer"}),
        ({"q": "operation=/nothing"}, set()),
    ],
)
def test_topology_near_a_service_or_of_some_traces(
    shop: RunningCollector, parameters: dict[str, Any], names: set[str]
) -> None:
    answer = ask(shop, models.Topology, "/topology", **WINDOW, **parameters)
    assert {node["name"] for node in answer["nodes"]} == names


def test_traces(shop: RunningCollector) -> None:
    answer = ask(shop, models.Traces, "/traces", **WINDOW)
    health, order = answer["traces"]
    assert order == {
        "trace_id": ORDER, "root_service": "gateway", "root_name": "POST /orders", "start_ns": str(START_NS),
        "duration_ns": str(90 * MS), "span_count": 6, "error_count": 1,
        "services": [{"name": "orders", "spans": 3, "errors": 1}, {"name": "gateway", "spans": 2, "errors": 0},
                     {"name": "mailer", "spans": 1, "errors": 0}],
    }  # fmt: skip
    assert (health["trace_id"], health["root_name"], health["span_count"]) == (HEALTH, "GET /health", 1)
    assert answer["next"] is None


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({"service": "mailer"}, [ORDER]),
        ({"operation": "GET /health"}, [HEALTH]),
        ({"status": "error"}, [ORDER]),
        ({"status": "unset"}, [HEALTH, ORDER]),
        ({"min_duration": "85ms"}, [ORDER]),
        ({"min_duration": "0.09s", "max_duration": "90000us"}, [ORDER]),
        ({"max_duration": "1ms", "service": "gateway"}, [HEALTH]),
        ({"service": "gateway", "status": "error"}, []),
        ({"q": "http.response.status_code>=400"}, [HEALTH]),
        ({"q": 'service=orders status=error operation~"^POST"'}, [ORDER]),
        ({"q": "db.system.name=redis", "service": "orders"}, [ORDER]),
        ({"q": "db.system.name=redis", "service": "gateway"}, []),
    ],
)
def test_trace_search(shop: RunningCollector, parameters: dict[str, Any], found: list[str]) -> None:
    answer = ask(shop, models.Traces, "/traces", **WINDOW, **parameters)
    assert [row["trace_id"] for row in answer["traces"]] == found


def test_a_trace(shop: RunningCollector) -> None:
    answer = ask(shop, models.Trace, f"/traces/{ORDER.upper()}")
    assert (answer["trace_id"], answer["start_ns"], answer["duration_ns"]) == (ORDER, str(START_NS), str(90 * MS))
    ids = {span["span_id"]: span["name"] for span in answer["spans"]}
    tree = [(span["name"], ids.get(span["parent_span_id"], "")) for span in answer["spans"]]
    assert tree == [
        ("POST /orders", ""), ("call", "POST /orders"), ("POST /orders", "call"), ("query", "POST /orders"),
        ("send", "POST /orders"), ("mail", "send"),
    ]  # fmt: skip
    assert answer["warnings"] == []


def test_a_span_with_everything(collector: RunningCollector) -> None:
    sent = rich_request()
    collector.send(sent)
    answer = ask(collector, models.Trace, f"/traces/{trace_id('rich').hex()}")
    span = answer["spans"][0]
    assert span["attributes"] == RICH
    assert (span["trace_state"], span["flags"], span["status"], span["status_message"]) == ("a=b", 257, "error", "no")
    assert span["resource"]["entities"] == [
        {"schema_url": "urn:e", "type": "host", "id_keys": ["host.id"], "description_keys": ["os"]}
    ]
    assert span["scope"] == {
        "name": "lib", "version": "1", "attributes": {"x": 1}, "dropped_attributes_count": 2, "schema_url": "urn:s",
    }  # fmt: skip
    assert [(event["name"], event["attributes"]) for event in span["events"]] == [("said", {"n": 1}), ("again", {})]
    (link,) = span["links"]
    assert (link["trace_id"], link["attributes"], link["flags"]) == (trace_id("other").hex(), {"why": True}, 1)
    assert answer["warnings"] == ["1 span with a parent that is not stored (1 missing)"]


def test_a_trace_as_otlp_is_what_was_sent(collector: RunningCollector) -> None:
    sent = rich_request()
    collector.send(sent)  # at-least-once: a repeated span is shown once
    response = requests.get(
        f"{collector.api}/api/v1/traces/{trace_id('rich').hex()}", params={"format": "otlp"}, timeout=60
    )
    answer = response.json()
    models.OtlpRequest.model_validate(answer, strict=True)
    assert normalised(answer) == normalised(MessageToDict(sent, preserving_proto_field_name=False))


def test_a_span_as_otlp_is_its_part_of_the_trace(collector: RunningCollector) -> None:
    collector.send(request([Span("otlp", "only", trace="otlp", attributes={"a": 1})]))
    path = f"/traces/{trace_id('otlp').hex()}"
    assert collector.get(f"{path}/spans/{span_id('otlp/only').hex()}", format="otlp") == collector.get(
        path, format="otlp"
    )


RICH = {
    "text": "é\0'", "yes": True, "no": False, "int": -(2**63), "float": 1.5, "whole": 2.0, "list": [1, "two", [3.5]],
    "map": {"a": {"b": None}}, "empty": "", "bytes": "/wA=", "none": None,
}  # fmt: skip


def rich_request() -> ExportTraceServiceRequest:
    """Two spans of one resource and scope, with everything that a span can have."""
    message = ExportTraceServiceRequest()
    resource = message.resource_spans.add(schema_url="urn:r")
    resource.resource.attributes.extend(key_values({"service.name": "rich", "cpu": 4}))
    resource.resource.dropped_attributes_count = 1
    resource.resource.entity_refs.add(schema_url="urn:e", type="host", id_keys=["host.id"], description_keys=["os"])
    scope = resource.scope_spans.add(schema_url="urn:s")
    scope.scope.name, scope.scope.version, scope.scope.dropped_attributes_count = "lib", "1", 2
    scope.scope.attributes.extend(key_values({"x": 1}))
    first = scope.spans.add(trace_state="a=b", flags=257, kind=3, dropped_attributes_count=3, dropped_events_count=4)
    first.trace_id, first.span_id, first.parent_span_id = trace_id("rich"), span_id("rich/1"), span_id("rich/0")
    first.name, first.dropped_links_count = "first", 5
    first.start_time_unix_nano, first.end_time_unix_nano = START_NS + 123, START_NS + 456
    first.attributes.extend(key_values({**RICH, "bytes": b"\xff\0"}))
    first.status.code, first.status.message = 2, "no"
    event = first.events.add(time_unix_nano=START_NS + 200, name="said", dropped_attributes_count=6)
    event.attributes.extend(key_values({"n": 1}))
    first.events.add(time_unix_nano=START_NS + 300, name="again")
    link = first.links.add(trace_id=trace_id("other"), span_id=span_id("o"), trace_state="c=d", flags=1)
    link.dropped_attributes_count = 7
    link.attributes.extend(key_values({"why": True}))
    second = scope.spans.add(trace_id=trace_id("rich"), span_id=span_id("rich/2"), parent_span_id=span_id("rich/1"))
    second.name, second.start_time_unix_nano, second.end_time_unix_nano = "second", START_NS + 124, START_NS + 124
    return message


def normalised(value: Any, key: str = "") -> Any:
    """Without defaults, ids as hex, lists of attributes by key: what two ways to write the same request agree on."""
    match value:
        case dict():
            items = {name: normalised(inner, name) for name, inner in value.items()}
            return {
                name: inner for name, inner in items.items() if inner or name in ("boolValue", "stringValue", "value")
            }
        case list() if value and isinstance(value[0], dict) and "key" in value[0]:
            return sorted((normalised(item) for item in value), key=lambda item: str(item["key"]))
        case list():
            return [normalised(item) for item in value]
        case str() if key in ("traceId", "spanId", "parentSpanId") and len(value) not in (16, 32):
            return b64decode(value).hex()
        case str() if re.fullmatch("(SPAN_KIND|STATUS_CODE)_.*", value):
            numbers = {"SPAN_KIND_CLIENT": 3, "STATUS_CODE_ERROR": 2}
            return numbers[value]
        case _:
            return value


def test_the_logs_of_a_trace(collector: RunningCollector) -> None:
    message = ExportLogsServiceRequest()
    resource = message.resource_logs.add()
    resource.resource.attributes.extend(key_values({"service.name": "logger"}))
    scope = resource.scope_logs.add()
    scope.scope.name = "lib"
    bodies: list[Any] = [{"order": [7]}, "second", 3]
    for number, body in enumerate(bodies):
        record = scope.log_records.add(time_unix_nano=START_NS + number, severity_number=9, severity_text="INFO")
        record.trace_id, record.span_id, record.event_name = trace_id("logged"), span_id("s"), "order.placed"
        record.body.CopyFrom(any_value(body))
        record.attributes.extend(key_values({"n": number}))
    assert collector.post(message.SerializeToString(), "logs").status_code == 200
    answer = ask(collector, models.Logs, f"/traces/{trace_id('logged').hex()}/logs")
    assert [record["body"] for record in answer["logs"]] == bodies
    assert answer["logs"][1] == {
        "time_ns": str(START_NS + 1), "span_id": span_id("s").hex(), "service": "logger", "severity": "INFO",
        "severity_number": 9, "body": "second", "attributes": {"n": 1}, "event_name": "order.placed", "scope": "lib",
    }  # fmt: skip


def test_a_name_with_anything_in_it_can_be_asked_for(collector: RunningCollector) -> None:
    name = "a/b?c #%é'\\"
    collector.send(request([Span(name, "s", trace="odd", kind="server", start_ns=START_NS)]))
    quoted = requests.utils.quote(name, safe="")
    poll_until(lambda: collector.get(f"/services/{quoted}/operations", **WINDOW)["operations"], "the operation")
    assert len(ask(collector, models.TimeSeries, f"/services/{quoted}/timeseries", **WINDOW)["points"]) == 1


def test_what_is_not_there_is_empty(collector: RunningCollector) -> None:
    assert ask(collector, models.Operations, "/services/nobody/operations") == {"operations": []}
    before_ns = time.time_ns()
    nothing = ask(collector, models.TimeSeries, "/services/nobody/timeseries")
    assert (nothing["step_s"], nothing["points"]) == (60, [])
    assert before_ns < int(nothing["as_of_ns"]) < time.time_ns()
    assert ask(collector, models.Logs, f"/traces/{'0' * 31}1/logs") == {"logs": []}
    assert ask(collector, models.Traces, "/traces", q="nothing=here") == {"traces": [], "next": None}


def test_a_trace_is_there_when_its_export_returned(collector: RunningCollector) -> None:
    for number in range(5):
        collector.send(request([Span("fresh", "s", trace=f"fresh-{number}")]))
        assert collector.get(f"/traces/{trace_id(f'fresh-{number}').hex()}")["services"][0]["name"] == "fresh"


def test_healthz(collector: RunningCollector) -> None:
    response = requests.get(f"{collector.api}/healthz", timeout=60)
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_metrics_are_in_the_text_format(collector: RunningCollector) -> None:
    response = requests.get(f"{collector.api}/metrics", timeout=60)
    assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    pattern = r"(# HELP (\w+) [^\n]+\n# TYPE \2 (counter|gauge)\n\2 [0-9.e+-]+\n)+"
    assert re.fullmatch(pattern, response.text)
    assert collector.metrics()["commits_total"] >= 1
