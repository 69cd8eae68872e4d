"""Health as it is, or was at a moment: one status for each service and instance, with every reason.

The facts are gathered here; the rules that judge them are `conventions/health_rules.py`.
"""

from collections import defaultdict
from collections.abc import Container, Iterable
from dataclasses import dataclass, field, fields
from time import monotonic, time_ns
from typing import Any

import orjson

from collector.conventions.health_rules import (
    InstanceFacts,
    Reason,
    Red,
    Said,
    ServiceFacts,
    judge_instance,
    judge_service,
)
from collector.queries import breakers, sources
from collector.queries.health_reports import LOOK_BACK_NS, find_reports, shown_check
from collector.queries.moments import moment_text
from collector.queries.services import with_percentiles
from collector.queries.statements import statement
from collector.queries.time_range import MINUTE_NS, TimeRange
from collector.settings import Settings
from collector.store.engine import Row, Store

SECOND_NS = 10**9
_RECENT_NS = 300 * SECOND_NS
_USUAL_NS = 3600 * SECOND_NS
_SOURCES = ("pull", "push", "otlp", "registry")  # which counts more for one instance and kind
_CACHE_S = 10.0
_NOW_NS = SECOND_NS // 5  # a moment that is not longer ago is the present
_OPEN = ("open", "forced_open")
_REASON = tuple(one.name for one in fields(Reason))


@dataclass
class Seen:
    """An instance that reports or sends telemetry."""

    namespace: str = ""
    seen_ns: int = 0
    reports: list[Row] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SystemState:
    """Services with their health, and breakers, as in the API."""

    services: list[Row]
    breakers: list[Row]


class HealthView:
    """Judges services at a moment. What moves slowly (calls of the hour before) is kept for some seconds."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store, self._settings = store, settings
        self._red: tuple[float, dict[str, Red]] | None = None
        self._now: tuple[int, SystemState] | None = None
        self._news_ns = 0

    def forget(self) -> None:
        """Something came in: judge anew when asked next."""
        self._news_ns = time_ns()

    def at(self, at_ns: int) -> list[Row]:
        """Services as in the API, by name."""
        return self.state(at_ns).services

    def state(self, at_ns: int, within_ns: int = SECOND_NS) -> "SystemState":
        """The present is judged when something came in, and else at most once in `within_ns`."""
        known = self._now
        if known is not None and known[0] >= self._news_ns and 0 <= at_ns - known[0] < within_ns:
            return known[1]
        is_now = at_ns > time_ns() - _NOW_NS
        judged = self._judge(at_ns, is_now)
        if is_now and at_ns >= self._news_ns:
            self._now = (at_ns, judged)
        return judged

    def _judge(self, at_ns: int, is_now: bool) -> "SystemState":
        if not self._store.has_rollups:
            return SystemState([], [])
        seen = self._instances(at_ns)
        red = self._calls(at_ns, is_now)
        known = self._breakers(at_ns)
        guards = [row for row in known if row["state"] in _OPEN and not row["stale"]]
        names = sorted(seen.keys() | red.keys())
        return SystemState(
            [_service(name, seen.get(name, {}), red.get(name, Red()), guards, at_ns) for name in names], known
        )

    def _instances(self, at_ns: int) -> dict[str, dict[str, Seen]]:
        """By service and instance. Those that were silent for long and report nothing are forgotten."""
        window = TimeRange(at_ns - LOOK_BACK_NS, at_ns + 1)
        forget_ns = at_ns - int(self._settings.health_forget_s * SECOND_NS)
        found: dict[str, dict[str, Seen]] = defaultdict(lambda: defaultdict(Seen))
        for row in find_reports(self._store, at_ns, self._settings.query_max_rows):
            if row["expires_ns"] >= forget_ns:
                one = found[row["service"]][row["instance"]]
                one.namespace = row["namespace"] or one.namespace
                one.reports.append(row)
        for row in self._store.query(statement("instances_seen"), {**window.minutes, "at_ns": at_ns}):
            if row["seen_ns"] >= forget_ns or row["instance"] in found.get(row["service"], {}):
                found[row["service"]][row["instance"]].seen_ns = row["seen_ns"]
        return found

    def _calls(self, at_ns: int, is_now: bool) -> dict[str, Red]:
        if is_now and self._red is not None and monotonic() - self._red[0] < _CACHE_S:
            return self._red[1]
        recent, usual = self._entries(at_ns)
        red = {name: _red(row, usual.get(name)) for name, row in recent.items()}
        if is_now:
            self._red = (monotonic(), red)
        return red

    def _entries(self, at_ns: int) -> tuple[dict[str, Row], dict[str, Row]]:
        """Of late and in the hour before, by service."""
        late = TimeRange(at_ns - _RECENT_NS, at_ns)
        begin_ns = late.start_ns // MINUTE_NS * MINUTE_NS
        pieces = sources.pieces_of(self._store, TimeRange(begin_ns - _USUAL_NS, begin_ns), late)
        sql = statement("entries_of_late", services=sources.service_pieces())
        rows = self._store.query(sql, {**pieces.parameters, **late.minutes})
        found: tuple[dict[str, Row], dict[str, Row]] = ({}, {})
        for row in rows:
            found[0 if row.pop("is_late") else 1][row["name"]] = with_percentiles(row)
        return found

    def _breakers(self, at_ns: int) -> list[Row]:
        window = TimeRange(at_ns - 900 * SECOND_NS, at_ns + 1)
        stale_s, limit = self._settings.breakers_stale_min_s, self._settings.query_max_rows
        return breakers.list_states(self._store, window, at_ns, stale_s, limit)


def list_changes(store: Store, window: TimeRange, service: str, limit: int) -> list[Row]:
    """As in the API, newest first."""
    if not store.has_rollups:
        return []
    rows = store.query(statement("health_changes"), {**window.parameters, "service": service, "limit": limit})
    return [
        {
            "at": moment_text(row["at_ns"]),
            "service": row["service"],
            "instance": row["instance"],
            "from": row["from_status"],
            "to": row["to_status"],
            "reasons": orjson.loads(row["reasons"]),
        }
        for row in rows
    ]


def without_instances(service: Row, others: Container[tuple[str, str]]) -> Row:
    """A service as in the API without these instances, by its name and their ids. What it is as a whole stays as it is."""
    kept = [one for one in service["instances"] if (service["name"], one["id"]) not in others]
    return {**service, "instances": kept}


def summary(services: list[Row]) -> dict[str, Any]:
    """The whole system in a few words. What is in maintenance does not count against it."""
    counts = dict.fromkeys(("healthy", "degraded", "unhealthy", "unknown"), 0)
    for row in services:
        counts[row["status"]] += 1
    counted = {row["status"] for row in services if not row["maintenance"]}
    status = next((one for one in ("unhealthy", "degraded", "healthy") if one in counted), "unknown")
    rows = [
        {"name": row["name"], "status": row["status"], "text": row["reasons"][0]["text"] if row["reasons"] else ""}
        for row in services
    ]
    return {"status": status, "counts": counts, "services": rows}


def _service(name: str, instances: dict[str, Seen], red: Red, guards: list[Row], at_ns: int) -> Row:
    rows = [_instance(name, id_, one, at_ns) for id_, one in sorted(instances.items())]
    in_service = [row for row in rows if not row["maintenance"]]
    facts = ServiceFacts(
        instances=tuple(row["status"] for row in in_service),
        in_maintenance=len(rows) - len(in_service),
        red=red,
        says_healthy=any(reason["rule"] == "reports_healthy" for row in rows for reason in row["reasons"]),
        open_breakers=tuple(f"{one['name']} is {one['state_text']}" for one in guards if one["service"] == name),
        refused_by=tuple(sorted({one["service"] for one in guards if one["target"] == name})),
    )
    status, reasons = judge_service(name, facts)
    maintenance = bool(rows) and not in_service
    return {
        "name": name,
        "namespace": next((one.namespace for one in instances.values() if one.namespace), ""),
        "status": status,
        "maintenance": maintenance,
        "reasons": _reasons(reasons),
        "instances": rows,
    }


def _instance(service: str, id_: str, seen: Seen, at_ns: int) -> Row:
    said = [_said(report, at_ns) for report in sorted(seen.reports, key=lambda row: _SOURCES.index(row["source"]))]
    silent_s = (at_ns - seen.seen_ns) / SECOND_NS if seen.seen_ns else None
    status, reasons = judge_instance(service, InstanceFacts(tuple(said), silent_s))
    newest = max(seen.reports, key=lambda row: int(row["at_ns"]), default=None)
    return {
        "id": id_,
        "status": status,
        "maintenance": any(one.is_maintenance and not one.is_expired for one in said),
        "source": newest["source"] if newest else "inferred",
        "observed_at": moment_text(newest["at_ns"] if newest else seen.seen_ns),
        "stale": bool(said) and all(one.is_expired for one in said),
        "reasons": _reasons(reasons),
        "checks": [check for report in seen.reports for check in _checks(report)],
    }


def _said(report: Row, at_ns: int) -> Said:
    return Said(
        status=report["status"],
        raw_status=report["raw_status"],
        kind=report["kind"],
        source=report["source"],
        age_s=(at_ns - report["at_ns"]) / SECOND_NS,
        is_expired=report["expires_ns"] < at_ns,
        is_maintenance=report["maintenance"],
        failed_checks=tuple(
            check["name"] for check in report["checks"] if check["status"] in ("unhealthy", "degraded")
        ),
        output=report["output"],
    )


def _checks(report: Row) -> Iterable[Row]:
    """The report itself as a check of its kind, then the checks in it."""
    about = {"source": report["source"], "format": report["format"]}
    whole = {"name": report["kind"], "kind": report["kind"], "details": about, "duration_ms": None}
    yield shown_check({**whole, **{key: report[key] for key in ("status", "raw_status", "output")}}, report["at_ns"])
    yield from (shown_check(check, report["at_ns"]) for check in report["checks"])


def _red(row: Row, usual: Row | None) -> Red:
    calm = usual or {"calls": 0, "errors": 0, "p95_ms": None}
    now = (row["calls"], row["errors"], row["rejected"], row["p95_ms"])
    return Red(*now, calm["calls"], calm["errors"], calm["p95_ms"])


def _reasons(reasons: list[Reason]) -> list[Row]:
    """As `dataclasses.asdict` would, which copies every value: of 1,000 services that took half of the time to judge them."""
    return [{name: getattr(reason, name) for name in _REASON} for reason in reasons]
