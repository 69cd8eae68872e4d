"""From a member's bytes to requests: the format is recognised by the content, never by the name alone."""

import re
from collections.abc import Iterator

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.formats import otlp_protobuf, otlp_yaml
from collector.formats.errors import MalformedTelemetry, NotTelemetry
from collector.formats.json_documents import BOM, PARSERS, decoded_json, decoded_text, recognise
from spanscape.load.report import SourceReport
from spanscape.load.sources import Member

# After this many bad lines the rest of a file is not looked at.
_MAX_BAD_LINES = 20

_MENTIONS_SPANS = re.compile(rb'resource_?spans|"trace_?id"', re.IGNORECASE)
_CONTROL_CHARACTER = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def read_requests(member: Member, report: SourceReport, max_bytes: int) -> Iterator[ExportTraceServiceRequest]:
    """The requests in `member`, as far as it is good. At most `max_bytes` of it (of a line, in JSON lines) are held.

    Raises MalformedTelemetry or NotTelemetry. Of JSON lines, bad ones go to the report and the rest is read.
    """
    head = member.head.removeprefix(BOM)
    # A span in protobuf always has control characters in it (its field tags), JSON and YAML never have.
    is_text = not _CONTROL_CHARACTER.search(head)
    if is_text and head.lstrip()[:1] in (b"{", b"["):
        yield from _read_json(member, report, max_bytes)
    elif is_text and otlp_yaml.looks_like(head):
        report.recognised(member.name, "OTLP YAML")
        yield from otlp_yaml.parse(decoded_text(_read_all(member, b"", max_bytes)))
    elif not is_text and otlp_protobuf.looks_like(head):
        report.recognised(member.name, "OTLP protobuf")
        yield from otlp_protobuf.parse(_read_all(member, b"", max_bytes))
    else:
        raise NotTelemetry("neither OTLP nor Jaeger nor Zipkin" if head.strip() else "empty")


def _read_json(member: Member, report: SourceReport, max_bytes: int) -> Iterator[ExportTraceServiceRequest]:
    """JSON lines if the first line is a whole JSON value; otherwise one document."""
    first_line = _read_line(member, 1, max_bytes)
    try:
        value = decoded_json(first_line, 1)
    except MalformedTelemetry:
        whole = _read_all(member, first_line, max_bytes)
        try:
            value = decoded_json(whole, 1)
        except MalformedTelemetry:
            if member.in_container and not _MENTIONS_SPANS.search(member.head):
                raise NotTelemetry("not JSON, though it begins like it") from None
            raise
        yield from _convert(value, member, report)
    else:
        yield from _read_json_lines(value, member, report, max_bytes)


def _read_json_lines(
    first_value: object, member: Member, report: SourceReport, max_bytes: int
) -> Iterator[ExportTraceServiceRequest]:
    """Lines that are bad, or no traces, do not hide the others."""
    recognised = bad = unknown = 0
    for number, value in _json_values(first_value, member, max_bytes):
        try:
            if isinstance(value, MalformedTelemetry):
                raise value
            yield from _convert(value, member, report, f"line {number}: ")
            recognised += 1
        except MalformedTelemetry as error:
            bad += 1
            report.problem(member.name, error)
            if bad == _MAX_BAD_LINES:
                raise MalformedTelemetry(f"line {number}", f"{bad} bad lines, the rest is not read") from None
        except NotTelemetry as error:
            unknown += 1
            reason = error
    if unknown and not recognised and not bad:
        raise reason
    if unknown:
        report.skipped(member.name, f"{unknown} lines: {reason}")


def _json_values(
    first_value: object, member: Member, max_bytes: int
) -> Iterator[tuple[int, object | MalformedTelemetry]]:
    """Line numbers with what the lines hold, or why that cannot be said. Blank lines are left out."""
    yield 1, first_value
    number = 2
    while line := _read_line(member, number, max_bytes):
        if line.strip():
            yield number, _decoded_or_error(line.rstrip(), number)
        number += 1


def _convert(
    value: object, member: Member, report: SourceReport, place: str = ""
) -> Iterator[ExportTraceServiceRequest]:
    name = recognise(value)
    report.recognised(member.name, name)
    try:
        yield from PARSERS[name](value)
    except MalformedTelemetry as error:
        raise MalformedTelemetry(place + error.place, error.reason) from None


def _decoded_or_error(line: bytes, number: int) -> object | MalformedTelemetry:
    try:
        return decoded_json(line, number)
    except MalformedTelemetry as error:
        return error


def _read_line(member: Member, number: int, max_bytes: int) -> bytes:
    line = member.stream.readline(max_bytes + 1)
    if len(line) > max_bytes:
        raise _too_large(f"line {number}", max_bytes)
    return line


def _read_all(member: Member, already_read: bytes, max_bytes: int) -> bytes:
    data = already_read + member.stream.read(max_bytes + 1 - len(already_read))
    if len(data) > max_bytes:
        raise _too_large("", max_bytes)
    return data


def _too_large(place: str, max_bytes: int) -> MalformedTelemetry:
    return MalformedTelemetry(place, f"larger than {max_bytes >> 20} MiB: split it, or raise --max-document-mib")
