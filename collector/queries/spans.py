"""From stored rows to spans as the API shows them: typed attribute values, ids in hex, times as decimal strings."""

import base64
import json
from collections.abc import Callable, Sequence
from typing import Any

from collector.store.engine import Row

Attributes = dict[str, Any]

STRING = 0x0A
"""An attribute's type as stored is the tag of the AnyValue field that held it; 0 for a value that was not set."""

_NOT_FINITE = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def typed(text: str, kind: int) -> Any:
    """The value of an attribute stored as text. A double that JSON cannot hold is its name."""
    match kind:
        case 0x18:
            return int(text)
        case 0x10:
            return text == "true"
        case 0x21:
            return _NOT_FINITE[text] if text in _NOT_FINITE else float(text)
        case 0x7A:
            return _json_or_text(text)
        case 0x3A:
            return base64.b64decode(text)
        case 0:
            return None
        case _:
            return text


def _json_or_text(text: str) -> Any:
    """A sender can forge the private form of arrays and maps, so what is in it need not be JSON."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def attributes(values: dict[str, str], types: Sequence[int] = ()) -> Attributes:
    """Attributes with their types; all text where the table has no types. Of a repeated key the last value counts."""
    if len(types) != len(values):
        return dict(values)
    return {
        key: text if kind == STRING else typed(text, kind)
        for (key, text), kind in zip(values.items(), types, strict=True)
    }


def span(row: Row) -> Row:
    """One row of sql/trace_spans.sql as a span of the API."""
    return {
        "span_id": row["SpanId"],
        "parent_span_id": row["ParentSpanId"],
        "trace_state": row["TraceState"],
        "flags": row["Flags"],
        "service": row["ServiceName"],
        "name": row["SpanName"],
        "kind": row["SpanKind"].lower(),
        "start_ns": str(row["start_ns"]),
        "duration_ns": str(row["Duration"]),
        "status": row["StatusCode"].lower(),
        "status_message": row["StatusMessage"],
        "attributes": attributes(row["SpanAttributes"], row["SpanAttributeTypes"]),
        "dropped_attributes_count": row["DroppedAttributesCount"],
        "dropped_events_count": row["DroppedEventsCount"],
        "dropped_links_count": row["DroppedLinksCount"],
        "resource": _resource_of(row),
        "scope": _scope_of(row),
        "events": _events_of(row),
        "links": _links_of(row),
        "rejected": bool(row["IsRejected"]),
    }


def _resource_of(row: Row) -> Row:
    dropped, entities = _extras(row["ResourceExtras"], 0, [])
    return {
        "attributes": attributes(row["ResourceAttributes"], row["ResourceAttributeTypes"]),
        "dropped_attributes_count": dropped,
        "schema_url": row["ResourceSchemaUrl"],
        "entities": entities,
    }


def _scope_of(row: Row) -> Row:
    values, types, dropped = _extras(row["ScopeExtras"], {}, [], 0)
    return {
        "name": row["ScopeName"],
        "version": row["ScopeVersion"],
        "attributes": attributes(values, types),
        "dropped_attributes_count": dropped,
        "schema_url": row["ScopeSchemaUrl"],
    }


def _events_of(row: Row) -> list[Row]:
    none = [0] * len(row["event_ns"])
    types, dropped = _extras(row["EventExtras"], [[]] * len(none), none)
    columns = zip(row["event_ns"], row["EventNames"], row["EventAttributes"], types, dropped, strict=True)
    return [
        {
            "time_ns": str(time_ns),
            "name": name,
            "attributes": attributes(values, kinds),
            "dropped_attributes_count": count,
        }
        for time_ns, name, values, kinds, count in columns
    ]


def _links_of(row: Row) -> list[Row]:
    none = [0] * len(row["LinkSpanIds"])
    types, dropped, flags = _extras(row["LinkExtras"], [[]] * len(none), none, none)
    columns = zip(
        row["LinkTraceIds"],
        row["LinkSpanIds"],
        row["LinkTraceStates"],
        row["LinkAttributes"],
        types,
        dropped,
        flags,
        strict=True,
    )
    return [
        {
            "trace_id": trace_id,
            "span_id": span_id,
            "trace_state": state,
            "attributes": attributes(values, kinds),
            "dropped_attributes_count": count,
            "flags": flag,
        }
        for trace_id, span_id, state, values, kinds, count, flag in columns
    ]


def _extras(text: str, *otherwise: Any) -> Sequence[Any]:
    """What an …Extras column holds, or what its absence means."""
    return json.loads(text) if text else otherwise


def otlp_json(spans: Sequence[Row]) -> dict[str, Any]:
    """The spans as an OTLP/JSON ExportTraceServiceRequest, grouped by resource and scope."""
    resources: dict[str, dict[str, Any]] = {}
    scopes: dict[tuple[str, str], dict[str, Any]] = {}
    for one in spans:
        resource_key, scope_key = _key(one["resource"], one["service"]), _key(one["scope"])
        resource = resources.setdefault(resource_key, {**_resource(one), "scopeSpans": []})
        if (resource_key, scope_key) not in scopes:
            scopes[resource_key, scope_key] = _scope(one["scope"])
            resource["scopeSpans"].append(scopes[resource_key, scope_key])
        scopes[resource_key, scope_key]["spans"].append(_otlp_span(one))
    return {"resourceSpans": list(resources.values())}


def _key(value: Any, *more: str) -> str:
    return json.dumps([value, *more], default=base64_text)


def _resource(one: Row) -> dict[str, Any]:
    resource = one["resource"]
    dropped = (
        {"droppedAttributesCount": resource["dropped_attributes_count"]} if resource["dropped_attributes_count"] else {}
    )
    url = {"schemaUrl": resource["schema_url"]} if resource["schema_url"] else {}
    entities = {"entityRefs": [_otlp_entity(entity) for entity in resource["entities"]]} if resource["entities"] else {}
    return {"resource": {"attributes": _otlp_attributes(resource["attributes"]), **dropped, **entities}, **url}


def _otlp_entity(entity: Row) -> dict[str, Any]:
    names = {"schema_url": "schemaUrl", "type": "type", "id_keys": "idKeys", "description_keys": "descriptionKeys"}
    return {name: entity[key] for key, name in names.items() if entity[key]}


def _scope(scope: Row) -> dict[str, Any]:
    dropped = {"droppedAttributesCount": scope["dropped_attributes_count"]} if scope["dropped_attributes_count"] else {}
    url = {"schemaUrl": scope["schema_url"]} if scope["schema_url"] else {}
    about = {
        "name": scope["name"],
        "version": scope["version"],
        "attributes": _otlp_attributes(scope["attributes"]),
        **dropped,
    }
    return {"scope": {key: value for key, value in about.items() if value}, "spans": [], **url}


def _otlp_span(one: Row) -> dict[str, Any]:
    kinds = ("unspecified", "internal", "server", "client", "producer", "consumer")
    start_ns = int(one["start_ns"])
    whole = {
        "traceId": one["trace_id"],
        "spanId": one["span_id"],
        "traceState": one["trace_state"],
        "parentSpanId": one["parent_span_id"],
        "flags": one["flags"],
        "name": one["name"],
        "kind": kinds.index(one["kind"]),
        "startTimeUnixNano": str(start_ns),
        "endTimeUnixNano": str(start_ns + int(one["duration_ns"])),
        "attributes": _otlp_attributes(one["attributes"]),
        "droppedAttributesCount": one["dropped_attributes_count"],
        "events": [_otlp_event(event) for event in one["events"]],
        "droppedEventsCount": one["dropped_events_count"],
        "links": [_otlp_link(link) for link in one["links"]],
        "droppedLinksCount": one["dropped_links_count"],
        "status": _otlp_status(one),
    }
    return {key: value for key, value in whole.items() if value or key in ("traceId", "spanId", "name", "kind")}


def _otlp_status(one: Row) -> dict[str, Any]:
    code = ("unset", "ok", "error").index(one["status"])
    return {key: value for key, value in (("message", one["status_message"]), ("code", code)) if value}


def _otlp_event(event: Row) -> dict[str, Any]:
    about = {
        "timeUnixNano": event["time_ns"],
        "name": event["name"],
        "attributes": _otlp_attributes(event["attributes"]),
    }
    return about | (
        {"droppedAttributesCount": event["dropped_attributes_count"]} if event["dropped_attributes_count"] else {}
    )


def _otlp_link(link: Row) -> dict[str, Any]:
    about = {
        "traceId": link["trace_id"],
        "spanId": link["span_id"],
        "traceState": link["trace_state"],
        "flags": link["flags"],
        "attributes": _otlp_attributes(link["attributes"]),
        "droppedAttributesCount": link["dropped_attributes_count"],
    }
    return {key: value for key, value in about.items() if value}


def _otlp_attributes(values: Attributes) -> list[dict[str, Any]]:
    return [{"key": key, "value": any_value(value)} for key, value in values.items()]


def any_value(value: Any) -> dict[str, Any]:
    """A JSON value as an OTLP/JSON AnyValue."""
    encoders: dict[type, Callable[[Any], dict[str, Any]]] = {
        str: lambda text: {"stringValue": text},
        bool: lambda flag: {"boolValue": flag},
        int: lambda number: {"intValue": str(number)},
        float: lambda number: {"doubleValue": number},
        list: lambda items: {"arrayValue": {"values": [any_value(item) for item in items]}},
        dict: lambda items: {"kvlistValue": {"values": _otlp_attributes(items)}},
        bytes: lambda data: {"bytesValue": base64_text(data)},
        type(None): lambda _: {},
    }
    return encoders[type(value)](value)


def base64_text(data: object) -> str:
    """How JSON shows the bytes of a bytes attribute."""
    if isinstance(data, bytes):
        return base64.b64encode(data).decode()
    raise TypeError(f"not JSON: {type(data).__name__}")
