"""Sound requests of every signal, and what damage makes of them."""

from fault_wire import START_NS
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from otlp_requests import Span, any_value, key_values, request, trace_id


def _rich_bodies() -> dict[str, bytes]:
    """One request of each signal, with as many kinds of fields as possible."""
    attributes = {
        "text": "x" * 200,
        "int": -5,
        "double": 2.5,
        "bool": True,
        "bytes": b"\0\xff",
        "none": None,
        "list": [1, {"a": "b"}],
    }
    fuzzed = request(
        [
            Span("fuzz", "1", kind="server", attributes=attributes, links=(("other", "9"),)),
            Span("fuzz", "2", parent="1"),
        ]
    )
    span = fuzzed.resource_spans[0].scope_spans[0].spans[0]
    span.events.add(name="event", time_unix_nano=START_NS).attributes.extend(key_values(attributes))
    fuzzed.resource_spans[0].resource.entity_refs.add(type="service", id_keys=["a", "b"])
    logs = ExportLogsServiceRequest()
    record = (
        logs.resource_logs.add()
        .scope_logs.add()
        .log_records.add(time_unix_nano=START_NS, severity_number=9, event_name="e")
    )
    record.body.CopyFrom(any_value("hello"))
    record.attributes.extend(key_values(attributes))
    return {"traces": fuzzed.SerializeToString(), "logs": logs.SerializeToString(), "metrics": _rich_metrics()}


def _rich_metrics() -> bytes:
    message = ExportMetricsServiceRequest()
    metrics = message.resource_metrics.add().scope_metrics.add().metrics
    point = metrics.add(name="gauge").gauge.data_points.add(time_unix_nano=START_NS, as_int=5)
    point.attributes.extend(key_values({"k": "v"}))
    point.exemplars.add(time_unix_nano=START_NS, as_double=1.5, trace_id=trace_id("t"))
    total = metrics.add(name="sum", unit="1").sum
    total.data_points.add(time_unix_nano=START_NS, as_double=5)
    total.is_monotonic, total.aggregation_temporality = True, 2  # type: ignore[assignment]
    metrics.add(name="histogram").histogram.data_points.add(
        time_unix_nano=START_NS, count=3, sum=1.0, bucket_counts=[1, 2, 0], explicit_bounds=[1, 2]
    )
    exponential = metrics.add(name="exponential").exponential_histogram.data_points.add(
        time_unix_nano=START_NS, count=3, scale=-2
    )
    exponential.positive.bucket_counts.extend([1, 300, 2])
    metrics.add(name="summary").summary.data_points.add(time_unix_nano=START_NS, count=3).quantile_values.add(
        quantile=0.5, value=2
    )
    return message.SerializeToString()


RICH = _rich_bodies()


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, bytes]:
    """A sound request after some of its bytes were flipped, replaced, cut out, doubled or moved."""
    signal = draw(st.sampled_from(sorted(RICH)))
    body = bytearray(RICH[signal])
    for _ in range(draw(st.integers(1, 3))):
        at, size = draw(st.integers(0, len(body) - 1)), draw(st.integers(1, 12))
        match draw(st.sampled_from(["flip", "replace", "cut", "splice", "end"])):
            case "flip":
                body[at] ^= 1 << draw(st.integers(0, 7))
            case "replace":
                body[at : at + 2] = draw(st.binary(min_size=1, max_size=4))
            case "cut":
                del body[at : at + size]
            case "splice":
                source = draw(st.integers(0, len(body) - 1))
                body[at:at] = body[source : source + size]
            case "end" if at > 50:
                del body[at:]
    return signal, bytes(body)
