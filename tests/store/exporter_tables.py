"""Fills a folder as an OpenTelemetry Collector with its ClickHouse exporter would: its tables, a few spans and logs.

Run as a program with the folder's path: one process can have one folder open, and a collector is to open it afterwards.
The tables have the columns, keys and engine that the exporter creates them with (Map attributes, its default).
"""

import sys
from contextlib import closing

TABLES = (
    """CREATE TABLE otel_traces (
        Timestamp DateTime64(9) CODEC(Delta, ZSTD(1)), TraceId String CODEC(ZSTD(1)), SpanId String CODEC(ZSTD(1)),
        ParentSpanId String CODEC(ZSTD(1)), TraceState String CODEC(ZSTD(1)), SpanName LowCardinality(String) CODEC(ZSTD(1)),
        SpanKind LowCardinality(String) CODEC(ZSTD(1)), ServiceName LowCardinality(String) CODEC(ZSTD(1)),
        ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)), ScopeName String CODEC(ZSTD(1)),
        ScopeVersion String CODEC(ZSTD(1)), SpanAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
        Duration UInt64 CODEC(ZSTD(1)), StatusCode LowCardinality(String) CODEC(ZSTD(1)), StatusMessage String CODEC(ZSTD(1)),
        Events Nested (Timestamp DateTime64(9), Name LowCardinality(String), Attributes Map(LowCardinality(String), String))
            CODEC(ZSTD(1)),
        Links Nested (TraceId String, SpanId String, TraceState String, Attributes Map(LowCardinality(String), String))
            CODEC(ZSTD(1)),
        INDEX idx_trace_id TraceId TYPE bloom_filter(0.001) GRANULARITY 1,
        INDEX idx_span_attr_key mapKeys(SpanAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
        INDEX idx_duration Duration TYPE minmax GRANULARITY 1
    ) ENGINE = MergeTree() PARTITION BY toDate(Timestamp) ORDER BY (ServiceName, SpanName, toDateTime(Timestamp))
    TTL toDateTime(Timestamp) + toIntervalDay(3) SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1""",
    """CREATE TABLE otel_traces_trace_id_ts (
        TraceId String CODEC(ZSTD(1)), Start DateTime CODEC(Delta, ZSTD(1)), End DateTime CODEC(Delta, ZSTD(1)),
        INDEX idx_trace_id TraceId TYPE bloom_filter(0.01) GRANULARITY 1
    ) ENGINE = MergeTree() PARTITION BY toDate(Start) ORDER BY (TraceId, Start)""",
    """CREATE MATERIALIZED VIEW otel_traces_trace_id_ts_mv TO otel_traces_trace_id_ts AS
    SELECT TraceId, min(Timestamp) AS Start, max(Timestamp) AS End FROM otel_traces WHERE TraceId != '' GROUP BY TraceId""",
    """CREATE TABLE otel_logs (
        Timestamp DateTime64(9) CODEC(Delta(8), ZSTD(1)), TimestampTime DateTime DEFAULT toDateTime(Timestamp),
        TraceId String CODEC(ZSTD(1)), SpanId String CODEC(ZSTD(1)), TraceFlags UInt8,
        SeverityText LowCardinality(String) CODEC(ZSTD(1)), SeverityNumber UInt8,
        ServiceName LowCardinality(String) CODEC(ZSTD(1)), Body String CODEC(ZSTD(1)),
        ResourceSchemaUrl LowCardinality(String) CODEC(ZSTD(1)),
        ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
        ScopeSchemaUrl LowCardinality(String) CODEC(ZSTD(1)), ScopeName String CODEC(ZSTD(1)),
        ScopeVersion LowCardinality(String) CODEC(ZSTD(1)), ScopeAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
        LogAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1))
    ) ENGINE = MergeTree() PARTITION BY toDate(TimestampTime)
    PRIMARY KEY (ServiceName, TimestampTime) ORDER BY (ServiceName, TimestampTime, Timestamp)""",
)
"""Without the log table's EventName column, which older exporters did not create."""

TRACE = "0af7651916cd43dd8448eb211c80319c"
OTHER = "1bf7651916cd43dd8448eb211c80319c"
_SHOP = "{'service.name': '%s', 'service.version': '2', 'service.namespace': 'shop', 'service.instance.id': '%s-1'}"
_COLUMNS = """Timestamp, TraceId, SpanId, ParentSpanId, TraceState, SpanName, SpanKind, ServiceName, ResourceAttributes,
    ScopeName, ScopeVersion, SpanAttributes, Duration, StatusCode, StatusMessage, Events.Timestamp, Events.Name, Events.Attributes,
    Links.TraceId, Links.SpanId, Links.TraceState, Links.Attributes"""
_NONE = "[], [], [], [], [], [], []"


def _span(trace: str, span: str, parent: str, service: str, name: str, kind: str, attributes: str = "{}", status: str = "Unset",
          events_and_links: str = _NONE) -> str:  # fmt: skip
    """A row that starts a minute ago, `span` milliseconds into it, and takes 2 ms."""
    at = f"toStartOfMinute(now()) - toIntervalMinute(1) + toIntervalMillisecond({int(span, 16)})"
    resource = _SHOP % (service, service)
    return f"({at}, '{trace}', '{span}', '{parent}', '', '{name}', '{kind}', '{service}', {resource}, 'shop.http', '1.0', {attributes}, \
2000000, '{status}', '', {events_and_links})"


SPANS = (
    _span(TRACE, "00000000000000a1", "", "gateway", "GET /orders", "Server", "{'http.route': '/orders'}"),
    _span(TRACE, "00000000000000a2", "00000000000000a1", "gateway", "GET", "Client", "{'server.address': 'orders', 'n': '3'}"),
    _span(TRACE, "00000000000000a3", "00000000000000a2", "orders", "GET /orders", "Server", "{'http.route': '/orders'}", "Error",
          "[toDateTime64('2026-01-31 12:00:00', 9)], ['exception'], [{'exception.type': 'ValueError'}], ['%s'], ['00000000000000ff'], \
['a=b'], [{'why': 'retry'}]" % OTHER),
    _span(TRACE, "00000000000000a4", "00000000000000a3", "orders", "SELECT", "Client",
          "{'db.system': 'postgresql', 'db.name': 'shop', 'server.address': 'db', 'server.port': '5432'}"),
    _span(OTHER, "00000000000000b1", "", "gateway", "GET /health", "Server", "{'http.response.status_code': '429'}"),
)  # fmt: skip
LOGS = f"""INSERT INTO otel_logs (Timestamp, TraceId, SpanId, SeverityText, SeverityNumber, ServiceName, Body, ScopeName, LogAttributes)
    VALUES (now64(9), '{TRACE}', '00000000000000a3', 'ERROR', 17, 'orders', 'no such order', 'shop', {{'order': '7'}})"""


def fill(folder: str) -> None:
    import chdb

    with closing(chdb.connect(folder)) as connection:
        for table in TABLES:
            connection.query(table)
        connection.query(f"INSERT INTO otel_traces ({_COLUMNS}) VALUES {', '.join(SPANS)}")
        connection.query(LOGS)


if __name__ == "__main__":
    fill(sys.argv[1])
