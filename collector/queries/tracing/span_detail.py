"""One span in full: as it was sent, with its place in the trace and what speaks for what happened to it, in words."""

from typing import Any

import numpy as np

from collector.conventions import semconv
from collector.conventions.breaker_dialects import DIALECTS
from collector.errors import NotFound
from collector.queries import breaker_instances, trace
from collector.queries.moments import shown_duration
from collector.queries.sources import SpanSource
from collector.queries.statements import statement
from collector.queries.time_range import TimeRange
from collector.queries.tracing.analysis import Analysis
from collector.queries.tracing.attempts import attempts
from collector.queries.tracing.columns import number_of
from collector.store.engine import Row, Store

_HOUR_NS = 3600 * 10**9
_OPEN = ("open", "forced_open")
_BREAKER_NAMES = {name for dialect in DIALECTS for refusal in dialect.refusals for name in refusal.name}
_LINKS = 100
_SHARING = 16  # services that use one span id


def get_span(
    store: Store, source: SpanSource, trace_id: str, span_id: str, analysis: Analysis, most_logs: int, service: str = ""
) -> dict[str, Any]:
    """The span as in the API. Where services share its id, that of `service`, else the first. Raises NotFound."""
    found = trace.read_spans(source, trace_id, _SHARING, span_id)
    found = [span for span in found if service in ("", span["service"])] or found
    if not found:
        raise NotFound(f"span {span_id} not found in trace {trace_id}")
    span = found[0]
    row = _row_of(analysis, span_id, span["service"])
    return {
        **span,
        "row": row,
        "self_ns": int(analysis.self_ns[row]) if row is not None else None,
        "moved_ns": int(analysis.moved_ns[row]) if row is not None else 0,
        "evidence": evidence(store, span, analysis, row),
        "linked_by": _linked_by(source, span),
        "logs": trace.list_logs(store, trace_id, most_logs, span_id),
    }


def _row_of(analysis: Analysis, span_id: str, service: str) -> int | None:
    """None for a span beyond those that are shown."""
    rows = np.flatnonzero(analysis.spans.id == np.uint64(number_of(span_id))).tolist()
    return next((row for row in rows if analysis.spans.service[row] == service), None)


def _linked_by(source: SpanSource, span: Row) -> list[Row]:
    """Spans that link to this one, of the hour before to the hour after its start."""
    start_ns = int(span["start_ns"])
    window = TimeRange(max(0, start_ns - _HOUR_NS), start_ns + _HOUR_NS)
    words = {"trace_id": span["trace_id"], "span_id": span["span_id"], "limit": _LINKS}
    sql = statement("linking_spans", spans=source.spans)
    return source.query(sql, {**window.parameters, **words})


def evidence(store: Store, span: Row, analysis: Analysis, row: int | None) -> list[Row]:
    """[{kind, text, link}]: `link` is a call of the API that tells more, or empty."""
    found = [*_refusal(store, span), *(_said("repeat", text) for text in attempts(span, analysis, row))]
    return found if row is None else [*found, *_place(analysis, row)]


def _said(kind: str, text: str, link: str = "") -> Row:
    return {"kind": kind, "text": text, "link": link}


def _refusal(store: Store, span: Row) -> list[Row]:
    if not span["rejected"]:
        return []
    start_ns = int(span["start_ns"])
    window = TimeRange(max(0, start_ns - 24 * _HOUR_NS), start_ns + int(span["duration_ns"]) + 1)
    latest: dict[tuple[str, str], Row] = {}
    for one in breaker_instances.list_transitions(store, window, service=span["service"]):
        latest.setdefault((one["id"], one["instance"]), one)
    opened = [one for one in latest.values() if one["to"] in (*_OPEN, "half_open")]
    opening = _guarding(span, opened)
    if opening is None:
        return [_said("rejected", "Refused by a breaker, limiter or bulkhead; the call was not made.")]
    word = "open" if opening["to"] in _OPEN else "half open"
    text = f"Refused by breaker {opening['name']}, {word} since {opening['at'][11:19]}."
    return [_said("breaker", text, f"/api/v1/breakers/{opening['id']}/story?at={opening['at_ns']}")]


def _guarding(span: Row, opened: list[Row]) -> Row | None:
    """The open breaker that the span names, or whose target it calls, or of its own instance, or else the only one."""
    attributes, instance = span["attributes"], span["resource"]["attributes"].get("service.instance.id", "")
    texts = [span["status_message"], *(str(event["attributes"]) for event in span["events"])]
    named = {str(attributes.get(key, "")) for key in _BREAKER_NAMES}
    peers = {str(attributes.get(key, "")) for key in (*semconv.PEER_SERVICE, *semconv.SERVER_ADDRESS)}
    mine = [one for one in opened if one["instance"] in ("", instance)] or opened
    rules = (
        [one for one in mine if one["name"] in named - {""}],
        [one for one in mine if one["target"] in peers - {""}],
        [one for one in mine if any(one["name"] in text for text in texts)],
    )
    found = next((rule for rule in rules if rule), mine)
    return found[0] if len({one["id"] for one in found}) == 1 else None


def _place(analysis: Analysis, row: int) -> list[Row]:
    spans, parent = analysis.spans, int(analysis.tree.parent[row])
    found = []
    if moved_ns := int(analysis.moved_ns[row]):
        direction = "later" if moved_ns > 0 else "earlier"
        clock = spans.instance[row] or spans.service[row]
        text = f"Moved {shown_duration(abs(moved_ns))} {direction}: the clock of {clock} differs from its caller's."
        found.append(_said("skew", text))
    if parent < 0 and spans.parent_id[row]:
        found.append(_said("missing_parent", "Its parent is not stored."))
    for warning in analysis.warnings:
        if warning["kind"] in _WORDS and row in warning["rows"]:
            found.append(_said(warning["kind"], _WORDS[warning["kind"]]))
    if parent >= 0 and spans.end_ns[row] > spans.end_ns[parent]:
        over_ns = int(spans.end_ns[row] - max(spans.end_ns[parent], spans.start_ns[row]))
        found.append(_said("outlives_parent", f"Went on for {shown_duration(over_ns)} after its parent had ended."))
    return found


_WORDS = {
    "duplicate": "It was stored more than once.",
    "shared_id": "Another service uses the same span id.",
    "circle": "Its parent is one of its own descendants.",
}
