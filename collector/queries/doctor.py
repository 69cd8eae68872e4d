"""Why is it missing? What in the telemetry keeps the map from being complete or right, with numbers and what to do.

The newest spans of the range are looked at, at most `max_spans` of them: the cost does not grow with the store.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from collector.queries import services, sources
from collector.queries.doctor_advice import CHECKS
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


def examine(store: Store, window: TimeRange, max_spans: int, now_ns: int, counters: Mapping[str, float]) -> list[Row]:
    """The checks as in the API, problems first. `counters` are the collector's own: `refused` and `failed` requests."""
    sample = _sample(store)
    bounds = {**window.minutes, "max_spans": max_spans, "examples": EXAMPLES}
    bounds |= {"settled_ns": min(now_ns, window.end_ns) - SETTLED_AFTER_NS}
    marks = store.query(statement("doctor_marks", sample=sample), {**bounds, "future_ns": now_ns + _FUTURE_NS})
    spans = sum(row["spans"] for row in marks)
    first_ns = min((row["first_ns"] for row in marks), default=0) if spans >= max_spans else window.start_ns
    judged = {**bounds, "skew_ms": SKEW_MS, "parents_from_ns": first_ns + PARENT_WITHIN_NS}
    relations = store.query(statement("doctor_relations", sample=sample), judged)
    unpaired = store.query(statement("doctor_unpaired", sample=sample), bounds)
    found = {
        **{
            problem: _related(relations, problem, spans) for problem in ("missing_parents", "wrong_kinds", "clock_skew")
        },
        "unpaired_calls": Finding(sum(row["count"] for row in unpaired), spans, [_example(row) for row in unpaired]),
        **_of_marks(marks, spans),
        "services_without_spans": _silent(store, window, {row["service"] for row in marks}),
        "refused": _refused(counters),
    }
    found["nothing"] = Finding(0 if spans else 1, 1, [], "problem")
    checks = [_check(id_, finding) for id_, finding in found.items()]
    return sorted(checks, key=lambda check: ("problem", "notice", "ok").index(check["status"]))


def _sample(store: Store) -> str:
    ours = store.has_call_columns
    words = {
        "dropped_attributes": "DroppedAttributesCount" if ours else "0",
        "dropped_events": "DroppedEventsCount" if ours else "0",
        "dropped_links": "DroppedLinksCount" if ours else "0",
    }
    return part("doctor_sample", spans=sources.spans(store), **words)


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


def _silent(store: Store, window: TimeRange, with_spans: set[str]) -> Finding:
    sql = statement("doctor_other_signals", EventName="EventName" if store.has_event_names else "''")
    heard = store.query(sql, window.parameters)
    known = with_spans | {row["name"] for row in services.list_services(store, sources.rolled_up(store, window))}
    silent = [row for row in heard if row["service"] not in known]
    examples = [
        {"text": f"{row['service']}: only {' and '.join(sorted(row['signals']))}", "count": 1}
        | {"service": row["service"], "trace_id": ""}
        for row in silent[:EXAMPLES]
    ]
    return Finding(len(silent), len(silent), examples, "problem")


def _refused(counters: Mapping[str, float]) -> Finding:
    lost = {name: int(value) for name, value in sorted(counters.items()) if value}
    examples = [
        {"text": name.replace("_", " "), "count": count, "service": "", "trace_id": ""} for name, count in lost.items()
    ]
    return Finding(sum(lost.values()), 0, examples, "problem")


def _check(id_: str, finding: Finding) -> Row:
    words = CHECKS[id_]
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
