"""Why is it missing? What in the telemetry keeps the map from being complete or right, with numbers and what to do.

The newest spans of the range are looked at, at most `max_spans` of them: the cost does not grow with the store.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from collector.conventions import sql as conventions
from collector.queries import services, sources
from collector.queries.doctor_advice import CHECKS, NOTHING_THERE, Words
from collector.queries.scope import EVERYTHING, Scope, named_of_namespace
from collector.queries.statements import part, statement
from collector.queries.time_range import TimeRange
from collector.store.engine import Row, Store

SETTLED_AFTER_NS = 15 * 10**9  # younger spans may still be waited for
PARENT_WITHIN_NS = 120 * 10**9  # a parent that began longer before may lie before the range
SKEW_MS = 1.0  # a call cannot start before its caller; less is the precision of clocks
EXAMPLES = 8
_MANY = 0.05  # share of spans from which a flaw is a problem rather than a notice
_FUTURE_NS = 60 * 10**9

Status = Literal["ok", "notice", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found: how many spans, of how many; `examples` say where."""

    count: int
    of: int
    examples: list[dict[str, Any]]
    always: Status | None = None

    @property
    def status(self) -> Status:
        if not self.count:
            return "ok"
        return self.always or ("problem" if self.count >= _MANY * max(self.of, 1) else "notice")


def examine(
    store: Store,
    window: TimeRange,
    max_spans: int,
    now_ns: int,
    counters: Mapping[str, float],
    scope: Scope = EVERYTHING,
) -> list[Row]:
    """The checks as in the API, problems first; of the spans looked at, those in the scope are judged. `counters` are the
    collector's own: `refused` and `failed` requests."""
    sample = _sample(store)
    bounds = {**window.minutes, "max_spans": max_spans, "examples": EXAMPLES, "environment": scope.environment}
    bounds |= named_of_namespace(store, window, scope)
    bounds |= {"settled_ns": min(now_ns, window.end_ns) - SETTLED_AFTER_NS}
    looked_at = store.query(statement("doctor_marks", sample=sample), {**bounds, "future_ns": now_ns + _FUTURE_NS})
    is_cut = sum(row["spans"] for row in looked_at) >= max_spans
    first_ns = min((row["first_ns"] for row in looked_at), default=0) if is_cut else window.start_ns
    marks = [row for row in looked_at if row["is_meant"]]
    spans = sum(row["spans"] for row in marks)
    here = {row["service"] for row in marks} | _senders(store, window, scope)
    judged = {**bounds, "skew_ms": SKEW_MS, "parents_from_ns": first_ns + PARENT_WITHIN_NS}
    relations = store.query(statement("doctor_relations", sample=sample), judged)
    unpaired = store.query(statement("doctor_unpaired", sample=sample), bounds)
    found = {
        **{
            problem: _related(relations, problem, spans) for problem in ("missing_parents", "wrong_kinds", "clock_skew")
        },
        "unpaired_calls": Finding(sum(row["count"] for row in unpaired), spans, [_example(row) for row in unpaired]),
        **_of_marks(marks, spans),
        "services_without_spans": _silent(store, window, here, scope),
        "refused": _refused(counters),
    }
    found["nothing"] = Finding(0 if here else 1, 1, [], "problem")
    words = CHECKS if scope.is_everything else {**CHECKS, "nothing": NOTHING_THERE}
    checks = [_check(id_, words[id_], finding) for id_, finding in found.items()]
    return sorted(checks, key=lambda check: ("problem", "notice", "ok").index(check["status"]))


def _sample(store: Store) -> str:
    ours = store.has_call_columns
    words = {
        "dropped_attributes": "DroppedAttributesCount" if ours else "0",
        "dropped_events": "DroppedEventsCount" if ours else "0",
        "dropped_links": "DroppedLinksCount" if ours else "0",
    }
    asked = {each: part(each) for each in ("of_environment", "is_named")}
    return part("doctor_sample", spans=sources.spans(store), **asked, **words)


def _related(rows: list[Row], problem: str, spans: int) -> Finding:
    mine = [row for row in rows if row["problem"] == problem]
    return Finding(sum(row["count"] for row in mine), spans, [_example(row) for row in mine])


def _example(row: Row) -> dict[str, Any]:
    """{text, count, service, trace_id}: one place where it was seen."""
    other, amount_ms = row.get("other"), row.get("amount_ms")
    text = f"{other} → {row['service']}" if other else row["service"]
    text += f": {row['name']}" if row.get("name") else ""
    text += f" (up to {amount_ms:.1f} ms early)" if row.get("problem") == "clock_skew" and amount_ms else ""
    return {"text": text, "count": row["count"], "service": row["service"], "trace_id": row["trace_id"]}


def _of_marks(marks: list[Row], spans: int) -> dict[str, Finding]:
    for row in marks:
        row["dropped"] = row["dropped_attributes"] + row["dropped_events"] + row["dropped_links"]
        row["unnamed"] = row["spans"] if row["service"] in ("", "unknown_service") else 0
    columns = {
        "without_kind": "without_kind",
        "sampled": "sampled",
        "dropped": "dropped",
        "unnamed_services": "unnamed",
        "in_the_future": "in_the_future",
    }
    return {id_: _marked(marks, column, spans) for id_, column in columns.items()}


def _marked(marks: list[Row], column: str, spans: int) -> Finding:
    rows = sorted((row for row in marks if row[column]), key=lambda row: (-row[column], row["service"]))
    examples = [
        {"text": row["service"], "count": row[column], "service": row["service"], "trace_id": row["trace_id"]}
        for row in rows[:EXAMPLES]
    ]
    return Finding(sum(row[column] for row in rows), spans, examples, "notice" if column == "sampled" else None)


def _senders(store: Store, window: TimeRange, scope: Scope) -> set[str]:
    """Services in the scope that sent spans in the window."""
    return {row["name"] for row in services.list_services(store, sources.rolled_up(store, window), scope)}


def _silent(store: Store, window: TimeRange, here: set[str], scope: Scope) -> Finding:
    """Of what does not say where it runs, those that send no spans from anywhere."""
    silent = [row for row in _heard(store, window) if row["service"] not in here]
    if silent and not scope.is_everything:
        names = [row["service"] for row in silent]
        known = _senders(store, window, EVERYTHING)
        silent = [
            row
            for row in _heard(store, window, names)
            if row["environment"] in (scope.environment, *([] if row["service"] in known else [""]))
            or not scope.environment
            if row["namespace"] == (scope.namespace or row["namespace"])
        ]
    signals: dict[str, set[str]] = {}
    for row in silent:
        signals.setdefault(row["service"], set()).update(row["signals"])
    examples = [
        {"text": f"{service}: only {' and '.join(sorted(only))}", "count": 1, "service": service, "trace_id": ""}
        for service, only in list(signals.items())[:EXAMPLES]
    ]
    return Finding(len(signals), len(signals), examples, "problem")


def _heard(store: Store, window: TimeRange, names: Sequence[str] = ()) -> list[Row]:
    """Services that sent logs or metrics; of those named, also from where, which takes reading their resources."""
    place = (conventions.environment(), "ResourceAttributes['service.namespace']") if names else ("''", "''")
    event_name = "EventName" if store.has_event_names else "''"
    about = f"{place[0]} AS environment, {place[1]} AS namespace"
    sql = statement("doctor_other_signals", EventName=event_name, about=about)
    return store.query(sql, {**window.parameters, "names": list(names)})


def _refused(counters: Mapping[str, float]) -> Finding:
    lost = {name: int(value) for name, value in sorted(counters.items()) if value}
    examples = [
        {"text": name.replace("_", " "), "count": count, "service": "", "trace_id": ""} for name, count in lost.items()
    ]
    return Finding(sum(lost.values()), 0, examples, "problem")


def _check(id_: str, words: Words, finding: Finding) -> Row:
    summary = words.fine if finding.status == "ok" else words.summary(finding.count, finding.of)
    return {
        "id": id_,
        "title": words.title,
        "status": finding.status,
        "count": finding.count,
        "summary": summary,
        "examples": finding.examples,
        "advice": "" if finding.status == "ok" else words.advice,
    }
