"""A few spans in the real engine, for the tests of the filter language."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import clickhouse_connect
from clickhouse_connect.driver.client import Client

from collector.queries.filter_ast import Expression
from collector.queries.filter_sql import to_sql

# One row a granule, so that a condition which prunes too much or too little shows with twenty rows.
TABLE = """
CREATE TABLE otel_traces (
    Label String, Timestamp DateTime64(9), TraceId String, SpanId String, ParentSpanId String, SpanName LowCardinality(String),
    SpanKind LowCardinality(String), ServiceName LowCardinality(String),
    ResourceAttributes Map(LowCardinality(String), String), ScopeName String,
    SpanAttributes Map(LowCardinality(String), String), Duration UInt64, StatusCode LowCardinality(String),
    StatusMessage String, Events Nested (
        Timestamp DateTime64(9), Name LowCardinality(String), Attributes Map(LowCardinality(String), String)),
    INDEX span_keys mapKeys(SpanAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX span_values mapValues(SpanAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX resource_keys mapKeys(ResourceAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX resource_values mapValues(ResourceAttributes) TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = MergeTree PARTITION BY toDate(Timestamp) ORDER BY (toStartOfMinute(Timestamp), TraceId)
SETTINGS index_granularity = 1
"""
COLUMNS = [
    *("Label", "ServiceName", "SpanName", "SpanKind", "StatusCode", "StatusMessage", "Duration", "ScopeName"),
    *("SpanAttributes", "ResourceAttributes", "TraceId", "SpanId", "ParentSpanId"),
    *("Events.Name", "Events.Timestamp", "Events.Attributes"),
]
MS = 1_000_000


@dataclass(frozen=True)
class Span:
    service: str = "web"
    name: str = "work"
    kind: str = "Internal"
    status: str = "Unset"
    message: str = ""
    duration_ns: int = 5 * MS
    scope: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    resource: dict[str, str] = field(default_factory=dict)
    events: tuple[str, ...] = ()
    trace_id: str = "0" * 32
    span_id: str = "0" * 16
    parent: str = ""


# What goes wrong where text is pasted into SQL.
HOSTILE = [
    "it's",
    'say "hi"',
    "back\\slash",
    "\\",
    "\\'",
    "{q0:String}",
    "{x:String}",
    "%",
    "100%s",
    "_",
    "nul\0byte",
    "tab\tnew\nline\rend",
    "🙂",
    "é ü 漢",
    "'; DROP TABLE otel_traces; --",
    "') OR 1=1 --",
    "\\N",
    "\x01\x7f",
]
SPANS = {
    "get": Span("cart", "GET /cart", "Server", "Ok", attributes={"http.route": "/cart", "http.status_code": "200"}),
    "pay": Span(
        "cart",
        "POST /pay/{id}",
        "Client",
        "Error",
        "connection refused",
        300 * MS,
        attributes={"http.route": "/pay/{id}", "http.status_code": "503", "http.method": "POST"},
        events=("exception", "retry"),
    ),
    "pay_in": Span(
        "payments",
        "POST /pay/{id}",
        "Server",
        "Error",
        "card declined",
        200 * MS,
        events=("exception",),
        parent="1" * 16,
    ),
    "slow": Span(
        "payments", "SELECT", "Client", duration_ns=2_000 * MS, attributes={"db.system": "mysql", "rows": "9"}
    ),
    "many": Span("payments", "SELECT", "Client", duration_ns=1, attributes={"db.system": "mysql", "rows": "10"}),
    "none": Span("payments", "SELECT", "Client", attributes={"db.system": "mysql", "rows": "many"}),
    "send": Span("cart", "orders publish", "Producer", scope="shop.bus", attributes={"user": ""}),
    "take": Span("mail", "orders process", "Consumer", scope="shop.bus", attributes={"user": "77", "ok": "true"}),
    "both": Span("mail", "render", attributes={"host": "span-host"}, resource={"host": "a", "region": "eu"}),
    "there": Span("mail", "render", resource={"host": "a", "region": "eu", "weird key": "x"}),
    "other": Span("mail", "render", "Unspecified", attributes={"service": "x"}, resource={"host": "b"}),
    "ids": Span(trace_id="0af7651916cd43dd8448eb211c80319c", span_id="00f067aa0ba902b7"),
    "upper": Span("Ünïcode", "ÉTÉ", scope="Shop.Bus.V2"),
}
SPANS |= {f"hostile{n}": Span("hostile", text, attributes={"v": text, text: "k"}) for n, text in enumerate(HOSTILE)}


@contextmanager
def filled_engine(path: Path) -> Iterator[Client]:
    """An engine in the empty folder `path` that holds SPANS, each labelled with its key."""
    client = clickhouse_connect.get_client(interface="chdb", path=str(path))
    try:
        client.command(TABLE)
        client.insert("otel_traces", [[label, *_row(span)] for label, span in SPANS.items()], column_names=COLUMNS)
        yield client
    finally:
        client.close()


def _row(span: Span) -> list[object]:
    """In the order of COLUMNS, without the label."""
    no_times, no_attributes = [0] * len(span.events), [{} for _ in span.events]
    return [
        *(span.service, span.name, span.kind, span.status, span.message, span.duration_ns, span.scope),
        *(span.attributes, span.resource, span.trace_id, span.span_id, span.parent),
        *(list(span.events), no_times, no_attributes),
    ]


def select(engine: Client, what: str, where: Expression) -> list[tuple[str]]:
    condition = to_sql(where)
    return list(engine.query(f"{what} FROM otel_traces WHERE {condition.sql}", condition.parameters).result_rows)


def find(engine: Client, where: Expression) -> set[str]:
    """The labels of the spans that meet `where`."""
    return {label for (label,) in select(engine, "SELECT Label", where)}


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
