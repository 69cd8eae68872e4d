-- What the OpenTelemetry Collector's ClickHouse exporter keeps, in the shape of its own tables (Map attributes, its
-- default), with two traces of a minute ago. The log table is without EventName, which older exporters did not create.
CREATE TABLE otel_traces (
    Timestamp DateTime64(9) CODEC(Delta, ZSTD(1)),
    TraceId String CODEC(ZSTD(1)),
    SpanId String CODEC(ZSTD(1)),
    ParentSpanId String CODEC(ZSTD(1)),
    TraceState String CODEC(ZSTD(1)),
    SpanName LowCardinality(String) CODEC(ZSTD(1)),
    SpanKind LowCardinality(String) CODEC(ZSTD(1)),
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    ScopeName String CODEC(ZSTD(1)),
    ScopeVersion String CODEC(ZSTD(1)),
    SpanAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    Duration UInt64 CODEC(ZSTD(1)),
    StatusCode LowCardinality(String) CODEC(ZSTD(1)),
    StatusMessage String CODEC(ZSTD(1)),
    Events Nested (Timestamp DateTime64(9), Name LowCardinality(String), Attributes Map(LowCardinality(String), String)) CODEC(ZSTD(1)),
    Links Nested (TraceId String, SpanId String, TraceState String, Attributes Map(LowCardinality(String), String)) CODEC(ZSTD(1)),
    INDEX idx_trace_id TraceId TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX idx_span_attr_key mapKeys(SpanAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_duration Duration TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toDate(Timestamp)
ORDER BY (ServiceName, SpanName, toDateTime(Timestamp))
TTL toDateTime(Timestamp) + toIntervalDay(3)
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1;

CREATE TABLE otel_traces_trace_id_ts (
    TraceId String CODEC(ZSTD(1)),
    Start DateTime CODEC(Delta, ZSTD(1)),
    End DateTime CODEC(Delta, ZSTD(1)),
    INDEX idx_trace_id TraceId TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toDate(Start)
ORDER BY (TraceId, Start);

CREATE MATERIALIZED VIEW otel_traces_trace_id_ts_mv TO otel_traces_trace_id_ts AS
SELECT TraceId, min(Timestamp) AS Start, max(Timestamp) AS End FROM otel_traces WHERE TraceId != '' GROUP BY TraceId;

CREATE TABLE otel_logs (
    Timestamp DateTime64(9) CODEC(Delta(8), ZSTD(1)),
    TimestampTime DateTime DEFAULT toDateTime(Timestamp),
    TraceId String CODEC(ZSTD(1)),
    SpanId String CODEC(ZSTD(1)),
    TraceFlags UInt8,
    SeverityText LowCardinality(String) CODEC(ZSTD(1)),
    SeverityNumber UInt8,
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    Body String CODEC(ZSTD(1)),
    ResourceSchemaUrl LowCardinality(String) CODEC(ZSTD(1)),
    ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    ScopeSchemaUrl LowCardinality(String) CODEC(ZSTD(1)),
    ScopeName String CODEC(ZSTD(1)),
    ScopeVersion LowCardinality(String) CODEC(ZSTD(1)),
    ScopeAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    LogAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toDate(TimestampTime)
PRIMARY KEY (ServiceName, TimestampTime)
ORDER BY (ServiceName, TimestampTime, Timestamp);

INSERT INTO otel_traces (
    Timestamp, TraceId, SpanId, ParentSpanId, SpanName, SpanKind, ServiceName, ResourceAttributes, ScopeName, SpanAttributes, Duration,
    StatusCode, `Events.Timestamp`, `Events.Name`, `Events.Attributes`, `Links.TraceId`, `Links.SpanId`, `Links.TraceState`, `Links.Attributes`
)
SELECT
    toStartOfMinute(now()) - toIntervalMinute(1) + toIntervalMillisecond(number), concat(trace, 'f7651916cd43dd8448eb211c80319c'),
    concat('00000000000000', span), if(parent = '', '', concat('00000000000000', parent)), name, kind, service,
    map('service.name', service, 'service.version', '2', 'service.namespace', 'shop', 'service.instance.id', concat(service, '-1'),
        if(service = 'orders', 'deployment.environment', 'deployment.environment.name'), if(service = 'orders', 'test', 'production')),
    'shop.http', attributes, 2000000, status,
    if(span = 'a3', [toDateTime64('2026-01-31 12:00:00', 9)], []), if(span = 'a3', ['exception'], []),
    if(span = 'a3', [map('exception.type', 'ValueError')], []), if(span = 'a3', ['1bf7651916cd43dd8448eb211c80319c'], []),
    if(span = 'a3', ['00000000000000ff'], []), if(span = 'a3', ['a=b'], []), if(span = 'a3', [map('why', 'retry')], [])
FROM values(
    'number UInt8, trace String, span String, parent String, service String, name String, kind String, status String, attributes Map(String, String)',
    (1, '0a', 'a1', '', 'gateway', 'GET /orders', 'Server', 'Unset', map('http.route', '/orders')),
    (2, '0a', 'a2', 'a1', 'gateway', 'GET', 'Client', 'Unset', map('server.address', 'orders', 'n', '3')),
    (3, '0a', 'a3', 'a2', 'orders', 'GET /orders', 'Server', 'Error', map('http.route', '/orders')),
    (4, '0a', 'a4', 'a3', 'orders', 'SELECT', 'Client', 'Unset',
        map('db.system', 'postgresql', 'db.name', 'shop', 'server.address', 'db', 'server.port', '5432')),
    (5, '1b', 'b1', '', 'gateway', 'GET /health', 'Server', 'Unset', map('http.response.status_code', '429'))
);

INSERT INTO otel_logs (Timestamp, TraceId, SpanId, SeverityText, SeverityNumber, ServiceName, Body, ScopeName, LogAttributes)
SELECT now64(9), '0af7651916cd43dd8448eb211c80319c', '00000000000000a3', 'ERROR', 17, 'orders', 'no such order', 'shop', map('order', '7')
