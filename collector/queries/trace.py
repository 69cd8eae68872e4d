"""One trace: its spans, what is odd about it, its logs."""

from functools import cache
from typing import Any

from collector.errors import NotFound
from collector.queries import spans
from collector.queries.statements import statement
from collector.store.engine import Row, Store

_OURS = {
    "Flags": "Flags", "SpanAttributeTypes": "SpanAttributeTypes", "DroppedAttributesCount": "DroppedAttributesCount",
    "DroppedEventsCount": "DroppedEventsCount", "DroppedLinksCount": "DroppedLinksCount",
    "ResourceAttributeTypes": "ResourceAttributeTypes", "ResourceDroppedAttributesCount": "ResourceDroppedAttributesCount",
    "ResourceSchemaUrl": "ResourceSchemaUrl", "ScopeAttributes": "ScopeAttributes", "ScopeAttributeTypes": "ScopeAttributeTypes",
    "ScopeDroppedAttributesCount": "ScopeDroppedAttributesCount", "ScopeSchemaUrl": "ScopeSchemaUrl",
    "EventAttributeTypes": "`Events.AttributeTypes`", "EventDropped": "`Events.DroppedAttributesCount`",
    "LinkAttributeTypes": "`Links.AttributeTypes`", "LinkDropped": "`Links.DroppedAttributesCount`", "LinkFlags": "`Links.Flags`",
    "IsRejected": "IsRejected",
}  # fmt: skip
_EXPORTERS = {
    "Flags": "0", "SpanAttributeTypes": "[]", "DroppedAttributesCount": "0", "DroppedEventsCount": "0", "DroppedLinksCount": "0",
    "ResourceAttributeTypes": "[]", "ResourceDroppedAttributesCount": "0", "ResourceSchemaUrl": "''",
    "ScopeAttributes": "map()::Map(String, String)", "ScopeAttributeTypes": "[]", "ScopeDroppedAttributesCount": "0", "ScopeSchemaUrl": "''",
    "EventAttributeTypes": "arrayMap(name -> [], `Events.Name`)", "EventDropped": "arrayMap(name -> 0, `Events.Name`)",
    "LinkAttributeTypes": "arrayMap(id -> [], `Links.SpanId`)", "LinkDropped": "arrayMap(id -> 0, `Links.SpanId`)",
    "LinkFlags": "arrayMap(id -> 0, `Links.SpanId`)", "IsRejected": "false",
}  # fmt: skip
"""What the exporter's own tables lack, as constants."""


@cache
def _statement(ours: bool) -> str:
    return statement("trace_spans", **(_OURS if ours else _EXPORTERS))


def get_trace(store: Store, trace_id: str, max_spans: int) -> dict[str, Any]:
    """The trace as in the API. Raises NotFound. Spans beyond `max_spans` are left out, and a warning says so."""
    rows = store.query(_statement(store.has_call_columns), {"trace_id": trace_id, "limit": max_spans + 1})
    if not rows:
        raise NotFound(f"trace {trace_id} not found")
    found = [{"trace_id": trace_id, **spans.span(row)} for row in rows[:max_spans]]
    start_ns = min(int(span["start_ns"]) for span in found)
    end_ns = max(int(span["start_ns"]) + int(span["duration_ns"]) for span in found)
    warnings = _warnings(found)
    if len(rows) > max_spans:
        warnings.append(f"only the first {max_spans} spans are shown")
    return {
        "trace_id": trace_id,
        "start_ns": str(start_ns),
        "duration_ns": str(end_ns - start_ns),
        "services": _services(found),
        "spans": found,
        "warnings": warnings,
    }


def list_logs(store: Store, trace_id: str, limit: int) -> list[Row]:
    """The trace's log records, earliest first."""
    ours = {"BodyType": "BodyType", "LogAttributeTypes": "LogAttributeTypes", "EventName": "EventName"}
    exporters = {"BodyType": "10", "LogAttributeTypes": "[]", "EventName": "''"}
    rows = store.query(statement("trace_logs", **(ours if store.has_call_columns else exporters)), {"trace_id": trace_id, "limit": limit})
    for row in rows:
        row["time_ns"] = str(row["time_ns"])
        row["body"] = spans.typed(row["body"], row.pop("body_type"))
        row["attributes"] = spans.attributes(row["attributes"], row.pop("attribute_types"))
    return rows


def _services(found: list[Row]) -> list[Row]:
    counts: dict[str, Row] = {}
    for span in found:
        service = counts.setdefault(span["service"], {"name": span["service"], "spans": 0, "errors": 0})
        service["spans"] += 1
        service["errors"] += span["status"] == "error" and not span["rejected"]
    return sorted(counts.values(), key=lambda service: (-service["spans"], service["name"]))


def _warnings(found: list[Row]) -> list[str]:
    ids = {span["span_id"] for span in found}
    missing = {span["parent_span_id"] for span in found if span["parent_span_id"]} - ids
    if not missing:
        return []
    children = sum(span["parent_span_id"] in missing for span in found)
    return [f"{children} span{'s' * (children > 1)} with a parent that is not stored ({len(missing)} missing)"]
