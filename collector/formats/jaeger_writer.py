"""Spans as Jaeger JSON: what Jaeger's UI takes, and `jaeger.parse` reads back to the same.

By the OpenTelemetry specification's mapping, https://opentelemetry.io/docs/specs/otel/trace/sdk_exporters/jaeger/. What the
format cannot hold: nanoseconds (times are whole microseconds), arrays and maps (their JSON is text), attributes of links and
scopes, counts of what was dropped. A root's link into its own trace reads as its parent, in Jaeger too.
"""

import base64
import json
from collections.abc import Iterable, Sequence
from typing import Any

JsonObject = dict[str, Any]

_STATUS = {"ok": "OK", "error": "ERROR"}


def jaeger_json(spans: Sequence[JsonObject]) -> JsonObject:
    """The spans, as the API shows them, of one trace."""
    processes: dict[str, tuple[str, JsonObject]] = {}
    written = []
    for span in spans:
        key = _json([span["service"], span["resource"]["attributes"]])
        if key not in processes:
            processes[key] = (f"p{len(processes) + 1}", _process(span))
        written.append(_span(span, processes[key][0]))
    trace = {
        "traceID": spans[0]["trace_id"] if spans else "",
        "spans": written,
        "processes": dict(processes.values()),
        "warnings": None,
    }
    return {"data": [trace], "total": 0, "limit": 0, "offset": 0, "errors": None}


def _process(span: JsonObject) -> JsonObject:
    attributes = {key: value for key, value in span["resource"]["attributes"].items() if key != "service.name"}
    return {"serviceName": span["service"], "tags": _tags(attributes.items())}


def _span(span: JsonObject, process_id: str) -> JsonObject:
    start_ns, duration_ns = int(span["start_ns"]), int(span["duration_ns"])
    return {
        "traceID": span["trace_id"],
        "spanID": span["span_id"],
        "flags": span["flags"] & 1,
        "operationName": span["name"],
        "references": list(_references(span)),
        "startTime": start_ns // 1000,
        "duration": duration_ns // 1000,
        "tags": _tags({**span["attributes"], **_about(span)}.items()),
        "logs": [_log(event) for event in span["events"]],
        "processID": process_id,
        "warnings": None,
    }


def _references(span: JsonObject) -> Iterable[JsonObject]:
    if span["parent_span_id"]:
        yield {"refType": "CHILD_OF", "traceID": span["trace_id"], "spanID": span["parent_span_id"]}
    for link in span["links"]:
        kind = "CHILD_OF" if link["attributes"].get("opentracing.ref_type") == "child_of" else "FOLLOWS_FROM"
        yield {"refType": kind, "traceID": link["trace_id"], "spanID": link["span_id"]}


def _about(span: JsonObject) -> JsonObject:
    """What has a field in OpenTelemetry and is a tag in Jaeger."""
    about = {
        "span.kind": span["kind"] if span["kind"] != "unspecified" else "",
        "otel.scope.name": span["scope"]["name"],
        "otel.scope.version": span["scope"]["version"],
        "otel.status_code": _STATUS.get(span["status"], ""),
        "error": span["status"] == "error",
        "otel.status_description": span["status_message"],
        "w3c.tracestate": span["trace_state"],
    }
    return {key: value for key, value in about.items() if value}


def _log(event: JsonObject) -> JsonObject:
    fields = {
        "event": event["name"] or "log",
        **{key: value for key, value in event["attributes"].items() if key != "event"},
    }
    return {"timestamp": int(event["time_ns"]) // 1000, "fields": _tags(fields.items())}


def _tags(values: Iterable[tuple[str, Any]]) -> list[JsonObject]:
    return [{"key": key, **_typed(value)} for key, value in values]


def _typed(value: Any) -> JsonObject:
    match value:
        case bool():
            return {"type": "bool", "value": value}
        case int():
            return {"type": "int64", "value": value}
        case float():
            return {"type": "float64", "value": value}
        case bytes():
            return {"type": "binary", "value": base64.b64encode(value).decode()}
        case str():
            return {"type": "string", "value": value}
        case None:
            return {"type": "string", "value": ""}
    return {"type": "string", "value": _json(value)}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=lambda data: base64.b64encode(data).decode())
