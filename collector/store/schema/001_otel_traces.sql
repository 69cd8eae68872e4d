-- One row a span. The names up to Links are those of the OpenTelemetry Collector's ClickHouse exporter; what follows
-- holds the OTLP fields that it drops, and what questions need without reading attribute maps (Peer…, IsRejected, Environment).
-- What is rarely there (entities, scope attributes, dropped counts and flags of events and links) is JSON text in …Extras:
-- an empty string costs next to nothing where a dozen empty columns cost 2 µs of every span that is merged.
-- Ordered by minute and the last two digits of the trace id (random in every kind of id): a trace lies in a granule or two of
-- a minute, TraceId takes 2.9 bytes a span on disk (10.8 in order of arrival), and pairing a minute's calls reads one range.
-- Merging then copies whole runs: 2.8 µs of CPU a span, and 4.4 µs when parts were ordered by the whole id.
CREATE TABLE IF NOT EXISTS otel_traces$local $on_cluster (
    Timestamp DateTime64(9) CODEC(T64, ZSTD(1)),
    TraceId String CODEC(ZSTD(1)),
    SpanId String CODEC(ZSTD(1)),
    ParentSpanId String CODEC(ZSTD(1)),
    TraceState String CODEC(ZSTD(1)),
    SpanName LowCardinality(String) CODEC(ZSTD(1)),
    SpanKind LowCardinality(String) CODEC(ZSTD(1)),
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(3)),
    ScopeName LowCardinality(String) CODEC(ZSTD(1)),
    ScopeVersion LowCardinality(String) CODEC(ZSTD(1)),
    SpanAttributes Map(LowCardinality(String), String) CODEC(ZSTD(3)),
    Duration UInt64 CODEC(T64, ZSTD(1)),
    StatusCode LowCardinality(String) CODEC(ZSTD(1)),
    StatusMessage String CODEC(ZSTD(1)),
    Events Nested (
        Timestamp DateTime64(9),
        Name LowCardinality(String),
        Attributes Map(LowCardinality(String), String)
    ) CODEC(ZSTD(1)),
    Links Nested (
        TraceId String,
        SpanId String,
        TraceState String,
        Attributes Map(LowCardinality(String), String)
    ) CODEC(ZSTD(1)),
    Flags UInt32 CODEC(ZSTD(1)),
    SpanAttributeTypes Array(UInt8) CODEC(ZSTD(1)),
    DroppedAttributesCount UInt32 CODEC(ZSTD(1)),
    DroppedEventsCount UInt32 CODEC(ZSTD(1)),
    DroppedLinksCount UInt32 CODEC(ZSTD(1)),
    ResourceAttributeTypes Array(UInt8) CODEC(ZSTD(1)),
    ResourceExtras String CODEC(ZSTD(1)),
    ResourceSchemaUrl LowCardinality(String) CODEC(ZSTD(1)),
    ScopeExtras String CODEC(ZSTD(1)),
    ScopeSchemaUrl LowCardinality(String) CODEC(ZSTD(1)),
    EventExtras String CODEC(ZSTD(1)),
    LinkExtras String CODEC(ZSTD(1)),
    PeerKind Enum8('none' = 0, 'database' = 1, 'broker_out' = 2, 'broker_in' = 3, 'external' = 4) CODEC(ZSTD(1)),
    Peer LowCardinality(String) CODEC(ZSTD(1)),
    IsRejected Bool CODEC(ZSTD(1)),
    Environment LowCardinality(String) DEFAULT $environment CODEC(ZSTD(1)),
    -- At 0.01, looking for the 20 traces of a page read 200 granules of 12 million spans; at 0.001, which costs 0.1 bytes a
    -- span, it reads 40.
    INDEX idx_trace_id TraceId TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX idx_span_attr_value mapValues(SpanAttributes) TYPE bloom_filter(0.025) GRANULARITY 1,
    -- A condition on an attribute of the span or else its resource prunes only where both have an index: without this one,
    -- looking for a rare value read everything (5 s of CPU instead of 0.2 for 10 million spans).
    INDEX idx_resource_attr_key mapKeys(ResourceAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_service ServiceName TYPE set(100) GRANULARITY 1,
    INDEX idx_duration Duration TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toDate(Timestamp)
ORDER BY (toStartOfMinute(Timestamp), substring(TraceId, 31, 2))
SETTINGS $durable, $large_table
