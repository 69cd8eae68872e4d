"""What a store does, whichever way it is reached. `store_ways` lists what one of the ways cannot do.

Beside the engine in this process that is a ClickHouse server, SPANSCAPE_TEST_CLICKHOUSE_URL or else the embedded engine
behind ClickHouse's HTTP interface (`clickhouse_http_server.py`), and that stand-in as a cluster.
"""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from clickhouse_connect.driver.exceptions import ClickHouseError
from clickhouse_http_server import running_clickhouse
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from otlp_requests import Span, any_value, key_values, request, span_id, trace_id
from store_ways import WAYS, Way, open_way

from collector.conventions import sql as conventions
from collector.errors import BadRequest, CollectorError, QueryTimeout, Unavailable
from collector.model import Receipt, Signal
from collector.queries import services, sources, topology, trace, traces
from collector.queries.search.tail import find_new
from collector.queries.time_range import MINUTE_NS, TimeRange
from collector.queries.traces import TraceQuery
from collector.receivers.normalise import normalise
from collector.settings import Settings
from collector.store import schema
from collector.store.committer import Committer
from collector.store.engine import Store, error_code
from collector.store.retention import Retention

START_NS = time.time_ns() // MINUTE_NS * MINUTE_NS - 10 * MINUTE_NS
WINDOW = TimeRange(START_NS, START_NS + 2 * MINUTE_NS)
HOSTILE = (
    "'; DROP TABLE otel_traces; --",
    "a\0b",
    "\\",
    '"',
    "{x:String}",
    "$word",
    "a\tb\nc\r",
    "é 漢 🦉",
    "%s %(x)s",
    "`",
    "\ufeff",
    "NULL",
)


@pytest.fixture(scope="module", params=WAYS)
def way(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Way]:
    with open_way(request.param, tmp_path_factory.mktemp(request.param)) as opened:
        yield opened


def commit(way: Way, body: Any, signal: Signal = Signal.TRACES) -> Receipt:
    return way.committer.submit(signal, body.SerializeToString()).result(60)


def test_the_schema_can_be_applied_again(way: Way) -> None:
    commit(way, request([Span("again", "kept", start_ns=START_NS)]))
    for statement in schema.statements(conventions.words(), way.settings.cluster):
        way.store.command(statement.sql)
    assert way.store.query("SELECT SpanName FROM otel_traces WHERE ServiceName = 'again'") == [{"SpanName": "kept"}]


def test_a_span_comes_out_as_it_went_in(way: Way) -> None:
    parent = Span("spans", "parent", kind="client", start_ns=START_NS + 7, duration_ns=5)
    child = Span(
        "spans",
        "child",
        "parent",
        kind="server",
        start_ns=START_NS + 8,
        error=True,
        attributes={"n": 3, "yes": True, "x": 1.5},
    )
    assert commit(way, request([parent, child], {"host.name": "h"})) == Receipt()
    sql = """SELECT toUnixTimestamp64Nano(Timestamp) AS ns, Duration, TraceId, SpanId, ParentSpanId, SpanName, SpanKind,
        StatusCode, ResourceAttributes, SpanAttributes FROM otel_traces WHERE ServiceName = 'spans' ORDER BY ns"""
    trace, first, second = trace_id("t1").hex(), span_id("t1/parent").hex(), span_id("t1/child").hex()
    resource = {"service.name": "spans", "host.name": "h"}
    assert [tuple(row.values()) for row in way.store.query(sql)] == [
        (START_NS + 7, 5, trace, first, "", "parent", "Client", "Unset", resource, {}),
        (
            *(START_NS + 8, 1_000_000, trace, second, first, "child", "Server", "Error", resource),
            {"n": "3", "yes": "true", "x": "1.5"},
        ),
    ]


def test_a_log_record_comes_out_as_it_went_in(way: Way) -> None:
    commit(way, log_request("logger", "t-logs", "it broke"), Signal.LOGS)
    assert trace.list_logs(way.store, trace_id("t-logs").hex(), 10) == [
        {
            "time_ns": str(START_NS),
            "span_id": span_id("t-logs/s").hex(),
            "service": "logger",
            "severity": "ERROR",
            "severity_number": 17,
            "body": "it broke",
            "attributes": {"n": 3},
            "event_name": "",
            "scope": "",
        }
    ]


def test_metrics_of_every_kind_come_out_as_they_went_in(way: Way) -> None:
    message = ExportMetricsServiceRequest()
    resource = message.resource_metrics.add()
    resource.resource.attributes.extend(key_values({"service.name": "meter"}))
    scope = resource.scope_metrics.add()
    points: dict[str, dict[str, Any]] = {
        "gauge": {"as_int": -3},
        "sum": {"as_double": 2.5},
        "histogram": {"count": 2, "sum": 9.0, "bucket_counts": [1, 1], "explicit_bounds": [5.0]},
        "exponential_histogram": {"count": 4, "scale": 3},
        "summary": {"count": 5, "sum": 6.0},
    }
    for kind, point in points.items():
        getattr(scope.metrics.add(name=f"m.{kind}"), kind).data_points.add(time_unix_nano=START_NS, **point)
    commit(way, message, Signal.METRICS)
    stored = {"gauge": ("Value", -3.0), "sum": ("Value", 2.5), "histogram": ("BucketCounts", [1, 1])}
    stored |= {"exponential_histogram": ("Scale", 3), "summary": ("Sum", 6.0)}
    for kind, (column, value) in stored.items():
        columns = f"MetricName AS name, toUnixTimestamp64Nano(TimeUnix) AS ns, {column} AS value"
        rows = way.store.query(f"SELECT {columns} FROM otel_metrics_{kind} WHERE ServiceName = 'meter'")  # noqa: S608
        assert rows == [{"name": f"m.{kind}", "ns": START_NS, "value": value}]


def test_the_inbox_refuses_what_the_tables_cannot_hold_and_keeps_nothing_of_it(way: Way) -> None:
    message = request([Span("refused", "good"), Span("refused", "bad")])
    message.resource_spans[1].scope_spans[0].spans[0].trace_id = bytes(16)
    with pytest.raises(ClickHouseError) as caught:
        way.store.insert_request("otlp_traces", message.SerializeToString())
    assert error_code(caught.value) == 469  # VIOLATED_CONSTRAINT
    assert way.store.query("SELECT count() AS n FROM otel_traces WHERE ServiceName = 'refused'") == [{"n": 0}]


def test_requests_that_arrive_during_a_commit_are_the_next_commit(way: Way) -> None:
    gate = _Gate(way.store)
    committer = Committer(gate, way.settings.model_copy(update={"commit_writers": 1}), normalise)  # type: ignore[arg-type]
    first = committer.submit(Signal.TRACES, request([Span("grouped", "0")]).SerializeToString())
    assert gate.entered.wait(60)
    others = [
        committer.submit(Signal.TRACES, request([Span("grouped", str(n))]).SerializeToString()) for n in range(1, 20)
    ]
    gate.open.set()
    assert [future.result(60) for future in (first, *others)] == [Receipt()] * 20
    committer.close()
    assert committer.counts["commits"] == 2
    assert way.store.query("SELECT count() AS n FROM otel_traces WHERE ServiceName = 'grouped'") == [{"n": 20}]


def test_a_log_that_waited_longer_goes_before_any_number_of_spans(way: Way) -> None:
    gate = _Gate(way.store)
    committer = Committer(gate, way.settings.model_copy(update={"commit_writers": 1}), normalise)  # type: ignore[arg-type]
    first = committer.submit(Signal.TRACES, request([Span("patient", "first")]).SerializeToString())
    assert gate.entered.wait(60)
    log = committer.submit(Signal.LOGS, log_request("patient", "t-patient", "in line").SerializeToString())
    spans = [committer.submit(Signal.TRACES, request([Span("patient", str(n))]).SerializeToString()) for n in range(9)]
    ended: list[str] = []
    log.add_done_callback(lambda _: ended.append("log"))
    for future in spans:
        future.add_done_callback(lambda _: ended.append("span"))
    gate.open.set()
    assert [future.result(60) for future in (first, log, *spans)] == [Receipt()] * 11
    committer.close()
    assert ended == ["log", *["span"] * 9]


def test_a_flawed_request_of_a_commit_does_not_touch_the_others(way: Way) -> None:
    gate = _Gate(way.store)
    committer = Committer(gate, way.settings.model_copy(update={"commit_writers": 1}), normalise)  # type: ignore[arg-type]
    flawed = request([Span("flawed", "bad"), Span("flawed", "good")])
    flawed.resource_spans[0].scope_spans[0].spans[0].trace_id = b""
    held = committer.submit(Signal.TRACES, request([Span("flawed", "held")]).SerializeToString())
    assert gate.entered.wait(60)
    bodies = [flawed.SerializeToString(), request([Span("flawed", "other")]).SerializeToString(), b"\xff\xff"]
    mixed, other, broken = (committer.submit(Signal.TRACES, body) for body in bodies)
    gate.open.set()
    assert held.result(60) == other.result(30) == Receipt()
    assert mixed.result(60) == Receipt(1, "1 span refused: 1 with a trace_id that is not 16 bytes")
    with pytest.raises(BadRequest):
        broken.result(60)
    committer.close()
    rows = way.store.query("SELECT SpanName FROM otel_traces WHERE ServiceName = 'flawed' ORDER BY SpanName")
    assert [row["SpanName"] for row in rows] == ["good", "held", "other"]


def test_roll_ups_and_questions(way: Way) -> None:
    spans = [
        Span("front", "root", name="GET /", kind="server", trace="q", start_ns=START_NS + 1, duration_ns=4_000_000),
        Span("front", "call", "root", kind="client", trace="q", start_ns=START_NS + 2, duration_ns=3_000_000),
        Span(
            "back",
            "answer",
            "call",
            name="pay",
            kind="server",
            trace="q",
            start_ns=START_NS + 3,
            duration_ns=2_000_000,
            error=True,
        ),
        Span(
            "back",
            "query",
            "answer",
            kind="client",
            trace="q",
            start_ns=START_NS + 4,
            attributes={"db.system": "redis"},
        ),
    ]
    commit(way, request(spans, {"service.version": "1"}))
    commit(way, log_request("front", "q", "hello"), Signal.LOGS)
    way.rollups.run_until_clean()

    listed = {row["name"]: row for row in services.list_services(way.store, sources.rolled_up(way.store, WINDOW))}
    assert {key: listed["back"][key] for key in ("calls", "errors", "rejected", "versions")} == {
        "calls": 1, "errors": 1, "rejected": 0, "versions": ["1"]
    }  # fmt: skip
    assert listed["back"]["p50_ms"] == pytest.approx(2, rel=0.02)
    operations = [
        (row["name"], row["kind"], row["calls"]) for row in services.list_operations(way.store, "front", WINDOW)
    ]
    assert operations == [("GET /", "server", 1), ("call", "client", 1)]
    points = services.list_points(way.store, "back", WINDOW, 60)
    assert [(point["start_ns"], point["calls"], point["errors"]) for point in points] == [(str(START_NS), 1, 1)]

    graph = topology.get_topology(way.store, WINDOW, 100, topology.Part(topology.Neighbourhood("back", 1)))
    edges = {(edge["source"], edge["target"], edge["kind"], edge["calls"], edge["errors"]) for edge in graph["edges"]}
    assert edges == {
        ("service:front", "service:back", "call", 1, 1),
        ("service:back", "database:redis", "database", 1, 0),
    }
    assert {node["id"] for node in graph["nodes"]} == {"service:front", "service:back", "database:redis"}

    (found,) = traces.find_traces(way.store, TraceQuery(WINDOW, q='service=back status=error operation="pay"'), 10)[
        "traces"
    ]
    assert (found["trace_id"], found["root_service"], found["span_count"], found["error_count"]) == (
        trace_id("q").hex(),
        "front",
        4,
        1,
    )
    whole = trace.get_trace(sources.stored(way.store), trace_id("q").hex(), 100)
    assert [span["name"] for span in whole["spans"]] == ["GET /", "call", "pay", "query"]
    assert [log["body"] for log in trace.list_logs(way.store, trace_id("q").hex(), 10)] == ["hello"]


def test_a_filtered_topology_is_computed_from_spans(way: Way) -> None:
    spans = [
        Span("f-front", "a", kind="client", trace="f", start_ns=START_NS),
        Span("f-back", "b", "a", trace="f", start_ns=START_NS),
    ]
    commit(way, request(spans))
    ids, more = traces.newest_ids(way.store, TraceQuery(WINDOW, service="f-back"), 10)
    edges = topology.find_edges(way.store, sources.rolled_up(way.store, WINDOW), 10, ids)
    assert (ids, more) == ([trace_id("f").hex()], False)
    assert [(edge["source"], edge["target"], edge["calls"]) for edge in edges] == [("f-front", "f-back", 1)]


def test_a_live_tail_finds_what_arrived_though_its_part_was_merged_with_older_ones(way: Way) -> None:
    query = TraceQuery(TimeRange(START_NS, time.time_ns() + MINUTE_NS), service="tailed")
    commit(way, request([Span("tailed", "a", trace="tailed before", start_ns=START_NS)]))
    cursor = find_new(way.store, query, 10)["next"]
    commit(way, request([Span("tailed", "a", trace="tailed after")]))
    way.store.command(f"OPTIMIZE TABLE {'otel_traces_local' if way.store.clustered else 'otel_traces'} FINAL")
    arrived = find_new(way.store, query, 10, cursor)
    assert [one["trace_id"] for one in arrived["traces"]] == [trace_id("tailed after").hex()]
    assert arrived["matched"] == 1


@pytest.fixture(scope="module")
def hostile(way: Way) -> Way:
    """A span of its own trace for each hostile text, which is its service, name and attribute, key and value."""
    spans = [
        Span(
            text, "s", trace=f"hostile-{number}", name=text, start_ns=START_NS, attributes={text: text, "list": [text]}
        )
        for number, text in enumerate(HOSTILE)
    ]
    commit(way, request(spans))
    return way


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_kept_found_and_answered_unchanged(hostile: Way, text: str) -> None:
    store, id_ = hostile.store, trace_id(f"hostile-{HOSTILE.index(text)}").hex()
    quoted = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    for conditions in ({"service": text}, {"operation": text}, {"q": f"{quoted}={quoted}"}):
        (found,) = traces.find_traces(store, TraceQuery(WINDOW, **conditions), 10)["traces"]
        assert (found["trace_id"], found["root_service"], found["root_name"]) == (id_, text, text)
    (answered,) = trace.get_trace(sources.stored(store), id_, 10)["spans"]
    assert (answered["service"], answered["name"], answered["attributes"]) == (text, text, {text: text, "list": [text]})


def test_threads_get_their_own_answers(way: Way) -> None:
    def echo(number: int) -> int:
        return int(way.store.query("SELECT {n:UInt64} AS n", {"n": number})[0]["n"])

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(echo, range(200))) == list(range(200))


def test_what_goes_wrong_in_the_engine_is_said_in_our_words(way: Way) -> None:
    hurried = way.store
    with pytest.raises(BadRequest, match="the regular expression is not valid"):
        hurried.query("SELECT match('a', {r:String})", {"r": "("})
    with pytest.raises(QueryTimeout, match="did not finish in 10 s"):
        hurried.query(
            "SELECT count() FROM numbers(1000000000000) SETTINGS max_execution_time = 0.1, max_rows_to_read = 0"
        )


def test_retention_drops_days_that_are_too_old(way: Way) -> None:
    old = datetime.now(UTC) - timedelta(days=30)
    commit(way, request([Span("ancient", "s", start_ns=int(old.timestamp()) * 10**9)]))
    assert Retention(way.store, way.settings).run_once() == [old.strftime("%Y-%m-%d")]
    assert way.store.query("SELECT count() AS n FROM otel_traces WHERE ServiceName = 'ancient'") == [{"n": 0}]


def test_a_folder_is_opened_once(way: Way) -> None:
    way.needs("hold its folder")
    with pytest.raises(CollectorError, match="is in use by another collector"):
        Store(way.settings, conventions.words())


def test_a_server_that_went_away_is_unavailable(way: Way, tmp_path: Any) -> None:
    way.needs("lose its server")
    with running_clickhouse(tmp_path) as address:
        settings = Settings(store_url=f"clickhouse://default@{address}/gone")
        store = Store(settings, conventions.words())
        committer = Committer(store, settings, normalise)
    with pytest.raises(Unavailable):
        store.query("SELECT 1")
    with pytest.raises(Unavailable, match="the store cannot write now"):
        committer.submit(Signal.TRACES, request([Span("gone", "s")]).SerializeToString()).result(60)
    assert not store.ping()
    with pytest.raises(Unavailable, match="does not answer"):
        Store(settings, conventions.words())
    committer.close()
    store.close()


class _Gate:
    """A store whose first insert waits until the gate is open."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.entered, self.open = threading.Event(), threading.Event()

    def insert_request(self, inbox: str, body: bytes) -> None:
        self.entered.set()
        assert self.open.wait(60)
        self._store.insert_request(inbox, body)


def log_request(service: str, trace_name: str, body: str) -> ExportLogsServiceRequest:
    message = ExportLogsServiceRequest()
    resource = message.resource_logs.add()
    resource.resource.attributes.extend(key_values({"service.name": service}))
    record = resource.scope_logs.add().log_records.add(
        time_unix_nano=START_NS, severity_number=17, severity_text="ERROR"
    )
    record.trace_id, record.span_id = trace_id(trace_name), span_id(f"{trace_name}/s")
    record.body.CopyFrom(any_value(body))
    record.attributes.extend(key_values({"n": 3}))
    return message
