"""One trace: its spans, what is odd about it, its logs."""

from typing import Any

from collector.conventions.counting import counted
from collector.errors import NotFound
from collector.queries import sources, spans
from collector.queries.log_records import log_records
from collector.queries.statements import statement
from collector.store.engine import Row, Store

_EXPORTERS = {
    "Flags": "0", "SpanAttributeTypes": "[]", "ResourceAttributeTypes": "[]",
    "DroppedAttributesCount": "0", "DroppedEventsCount": "0", "DroppedLinksCount": "0",
    "ResourceExtras": "''", "ResourceSchemaUrl": "''", "ScopeExtras": "''", "ScopeSchemaUrl": "''",
    "EventExtras": "''", "LinkExtras": "''",
}  # fmt: skip
"""What the exporter's own tables lack, as constants."""


def get_trace(source: sources.SpanSource, trace_id: str, max_spans: int) -> dict[str, Any]:
    """The trace as in the API. Raises NotFound. Spans beyond `max_spans` are left out, and a warning says so."""
    rows = read_spans(source, trace_id, max_spans + 1)
    if not rows:
        raise NotFound(f"trace {trace_id} not found")
    found = rows[:max_spans]
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


def read_spans(source: sources.SpanSource, trace_id: str, limit: int, span_id: str = "") -> list[dict[str, Any]]:
    """Spans of the trace as in the API, earliest first; with a `span_id` those with that id, of which services may share one."""
    columns = {name: name for name in _EXPORTERS} if source.has_own_columns else _EXPORTERS
    sql = statement("trace_spans", spans=source.spans, **columns)
    rows = source.query(sql, {"trace_id": trace_id, "span_id": span_id, "limit": limit})
    return [{"trace_id": trace_id, **spans.span(row)} for row in rows]


def list_logs(store: Store, trace_id: str, limit: int, span_id: str = "") -> list[Row]:
    """The log records of the trace, or of one of its spans, earliest first."""
    return log_records(store, "trace_logs", {"trace_id": trace_id, "span_id": span_id, "limit": limit})


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
    return [f"{counted(children, 'span')} with a parent that is not stored ({len(missing)} missing)"]
