"""Whatever a document holds, a converter gives requests that can be sent or says what is malformed."""

from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.formats import jaeger, otlp_json, otlp_protobuf, zipkin
from collector.formats.errors import MalformedTelemetry

Parse = Callable[[object], Iterator[ExportTraceServiceRequest]]

_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.sampled_from(
        ["", "0", "1f", "G", "\ud800", "9" * 30, "int64", "bool", "float64", "binary", "CHILD_OF", "CLIENT"]
    )
)
_KEYS = {
    otlp_json.parse: "resourceSpans scopeSpans spans links attributes key value intValue traceId spanId kind status",
    jaeger.parse: "data spans processes processID references refType traceID spanID tags logs fields key type value "
    "startTime duration timestamp serviceName",
    zipkin.parse: "traceId id parentId kind timestamp duration localEndpoint remoteEndpoint serviceName ipv4 port tags "
    "annotations value error",
}


def documents(keys: str) -> st.SearchStrategy[object]:
    def nested(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
        return st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(keys.split()), inner, max_size=6)

    return st.recursive(_LEAVES, nested, max_leaves=20)


def check(parse: Parse, document: object) -> None:
    with suppress(MalformedTelemetry):
        for request in parse(document):
            request.SerializeToString()


@pytest.mark.parametrize("parse", _KEYS, ids=lambda parse: parse.__module__.rpartition(".")[2])
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_json_is_converted_or_called_malformed(parse: Parse, data: st.DataObject) -> None:
    check(parse, data.draw(documents(_KEYS[parse])))


_RECORDS = {
    jaeger.parse: lambda record: {
        "traceID": "T",
        "spans": [{"traceID": "T", "spanID": "1", "processID": "p", **record}],
        "processes": {"p": record},
    },
    zipkin.parse: lambda record: [{"traceId": "1", "id": "1", **record}],
    otlp_json.parse: lambda record: {
        "resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "01" * 16, "spanId": "01" * 8, **record}]}]}]
    },
}


@pytest.mark.parametrize("parse", _RECORDS, ids=lambda parse: parse.__module__.rpartition(".")[2])
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_field_of_a_span_is_converted_or_called_malformed(parse: Parse, data: st.DataObject) -> None:
    record = data.draw(
        st.dictionaries(st.sampled_from(_KEYS[parse].split()), documents(_KEYS[parse]), min_size=1, max_size=6)
    )
    check(parse, _RECORDS[parse](record))


def test_half_a_surrogate_pair_where_a_kind_belongs_is_called_malformed() -> None:
    with pytest.raises(MalformedTelemetry, match="text that UTF-8 cannot hold"):
        list(otlp_json.parse(_RECORDS[otlp_json.parse]({"kind": "\ud800"})))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60).map(lambda tail: b"\x0a" + tail))
def test_any_bytes_are_converted_or_called_malformed(data: bytes) -> None:
    otlp_protobuf.looks_like(data)
    check(otlp_protobuf.parse, data)  # type: ignore[arg-type]
