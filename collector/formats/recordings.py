"""One recording of traces, of whatever format, as one export request."""

from collections.abc import Iterator
from dataclasses import dataclass

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.formats import otlp_protobuf
from collector.formats.errors import MalformedTelemetry, NotTelemetry
from collector.formats.json_documents import BOM, PARSERS, decoded_json, recognise


@dataclass(frozen=True, slots=True)
class Recording:
    format: str
    body: bytes
    """An ExportTraceServiceRequest."""


def read_recording(data: bytes) -> Recording:
    """Reads JSON, JSON lines or protobuf. Raises MalformedTelemetry, which says where, or NotTelemetry."""
    text = data.removeprefix(BOM).lstrip()
    if text[:1] in (b"{", b"["):
        return _joined(_json_requests(data))
    if otlp_protobuf.looks_like(data):
        return _joined(("OTLP protobuf", request) for request in otlp_protobuf.parse(data))
    raise NotTelemetry("neither OTLP nor Jaeger nor Zipkin" if text else "empty")


def _joined(requests: Iterator[tuple[str, ExportTraceServiceRequest]]) -> Recording:
    """Serialised requests concatenate."""
    names, bodies = [], []
    for name, request in requests:
        names.append(name)
        bodies.append(request.SerializeToString())
    if not any(bodies):
        raise NotTelemetry("it holds no spans")
    return Recording(names[0], b"".join(bodies))


def _json_requests(data: bytes) -> Iterator[tuple[str, ExportTraceServiceRequest]]:
    first, _, rest = data.partition(b"\n")
    if rest.strip():
        try:
            decoded_json(first)
        except MalformedTelemetry:  # a document of several lines
            yield from _parsed(decoded_json(data), "")
            return
        for number, line in enumerate(data.splitlines(), 1):
            if line.strip():
                yield from _parsed(decoded_json(line, number), f"line {number} ")
    else:
        yield from _parsed(decoded_json(data), "")


def _parsed(document: object, line: str) -> Iterator[tuple[str, ExportTraceServiceRequest]]:
    name = recognise(document)
    try:
        for request in PARSERS[name](document):
            yield name, request
    except MalformedTelemetry as error:
        raise MalformedTelemetry(f"{line}{error.pointer}", error.reason) from None
