"""Health as it is, or was at a moment: one status for each service and instance, with every reason; also of one environment.

The facts come from `health_facts.py`; the rules that judge them are `conventions/health_rules.py`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import partial
from time import time_ns
from typing import Any

import orjson

from collector.conventions.health_evidence import InstanceFacts, Red, Said, ServiceFacts
from collector.conventions.health_rules import Reason, judge_instance, judge_service
from collector.queries.breaker_rows import Keeps
from collector.queries.health_facts import SECOND_NS, Facts, FactsReader, Seen
from collector.queries.health_reports import shown_check
from collector.queries.moments import moment_text
from collector.queries.scope import EVERYTHING, Scope, whereabouts
from collector.queries.statements import statement
from collector.queries.time_range import TimeRange
from collector.settings import Settings
from collector.store.engine import Row, Store

_SOURCES = ("pull", "push", "otlp", "registry")  # which counts more for one instance and kind
_NOW_NS = SECOND_NS // 5  # a moment that is not longer ago is the present
_OPEN = ("open", "forced_open")
_REASON = tuple(one.name for one in fields(Reason))


@dataclass(frozen=True, slots=True)
class SystemState:
    """Services with their health, and breakers, as in the API."""

    services: list[Row]
    breakers: list[Row]


_OfAll = tuple[ServiceFacts, Row] | None


class Judged:
    """Services at a moment, in all or in one environment: there by the instances, calls and breakers there. What the
    environment does not part is not judged again."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._known: dict[str, dict[str, tuple[ServiceFacts, Row]]] = {}
        self._breakers: dict[str, list[Row]] = {}
        self.at_ns, self.where = facts.at_ns, facts.where

    def services(self, scope: Scope) -> list[Row]:
        """As in the API, by name."""
        rows = [row for _, row in self._of(scope.environment).values()]
        return self.where.within(Scope(namespace=scope.namespace), rows, name="name")

    def breakers(self, environment: str = "") -> list[Row]:
        """In short."""
        if environment not in self._breakers:
            self._breakers[environment] = self._facts.breakers.rows(self._keeps(environment))
        return self._breakers[environment]

    def _keeps(self, environment: str) -> Keeps | None:
        return partial(self.where.are_in, environment) if environment else None

    def _of(self, environment: str) -> dict[str, tuple[ServiceFacts, Row]]:
        if environment not in self._known:
            self._known[environment] = self._judge(environment)
        return self._known[environment]

    def _judge(self, environment: str) -> dict[str, tuple[ServiceFacts, Row]]:
        facts = self._facts
        red, whole = facts.calls.get(environment, {}), self._of("") if environment else {}
        found = facts.breakers.rows(self._keeps(environment), _OPEN)
        guards = [row for row in found if row["state"] in _OPEN and not row["stale"]]
        judged = {}
        for name in sorted(facts.instances.keys() | red.keys()):
            instances = self._instances(name, environment)
            if self.where.are_in(environment, name) and (instances or name in red or not environment):
                judged[name] = self._service(
                    name, environment, instances, red.get(name, Red()), guards, whole.get(name)
                )
        return judged

    def _instances(self, service: str, environment: str) -> dict[str, Seen]:
        found = sorted(self._facts.instances.get(service, {}).items())
        if not environment:
            return dict(found)
        there = partial(self.where.are_in, environment, service)
        return {id_: one for id_, one in found if there(id_) and (environment in one.seen_ns or one.reports)}

    def _service(
        self, name: str, environment: str, instances: dict[str, Seen], red: Red, guards: list[Row], whole: _OfAll
    ) -> tuple[ServiceFacts, Row]:
        before = {row["id"]: row for row in whole[1]["instances"]} if whole else {}
        rows = [
            before[id_]
            if id_ in before and one.seen_ns.keys() <= {environment}
            else self._instance(name, id_, one, environment)
            for id_, one in instances.items()
        ]
        in_service = [row for row in rows if not row["maintenance"]]
        facts = ServiceFacts(
            instances=tuple(row["status"] for row in in_service),
            in_maintenance=len(rows) - len(in_service),
            red=red,
            says_healthy=any(reason["rule"] == "reports_healthy" for row in rows for reason in row["reasons"]),
            open_breakers=tuple(f"{one['name']} is {one['state_text']}" for one in guards if one["service"] == name),
            refused_by=tuple(sorted({one["service"] for one in guards if one["target"] == name})),
        )
        if (
            whole
            and facts == whole[0]
            and len(rows) == len(before)
            and all(before.get(row["id"]) is row for row in rows)
        ):
            return whole
        status, reasons = judge_service(name, facts)
        return facts, {
            "name": name,
            "namespace": next((one.namespace for one in instances.values() if one.namespace), ""),
            "status": status,
            "maintenance": bool(rows) and not in_service,
            "reasons": _reasons(reasons),
            "instances": rows,
        }

    def _instance(self, service: str, id_: str, seen: Seen, environment: str) -> Row:
        at_ns = self.at_ns
        said = [_said(report, at_ns) for report in sorted(seen.reports, key=lambda row: _SOURCES.index(row["source"]))]
        seen_ns = seen.seen_ns.get(environment, 0) if environment else max(seen.seen_ns.values(), default=0)
        silent_s = (at_ns - seen_ns) / SECOND_NS if seen_ns else None
        status, reasons = judge_instance(service, InstanceFacts(tuple(said), silent_s))
        newest = max(seen.reports, key=lambda row: int(row["at_ns"]), default=None)
        return {
            "id": id_,
            "status": status,
            "maintenance": any(one.is_maintenance and not one.is_expired for one in said),
            "source": newest["source"] if newest else "inferred",
            "observed_at": moment_text(newest["at_ns"] if newest else seen_ns),
            "stale": bool(said) and all(one.is_expired for one in said),
            "reasons": _reasons(reasons),
            "checks": [check for report in seen.reports for check in _checks(report)],
        }


class HealthView:
    """Judges services at a moment, and keeps what it judged last."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._reader = FactsReader(store, settings)
        self._now: Judged | None = None
        self._news_ns = 0

    def forget(self) -> None:
        """Something came in: judge anew when asked next."""
        self._news_ns = time_ns()

    def judged(self, at_ns: int, within_ns: int = SECOND_NS) -> Judged:
        """The present is judged when something came in, and else at most once in `within_ns`."""
        known = self._now
        if known is not None and known.at_ns >= self._news_ns and 0 <= at_ns - known.at_ns < within_ns:
            return known
        is_now = at_ns > time_ns() - _NOW_NS
        judged = Judged(self._reader.read(at_ns, is_now))
        if is_now and at_ns >= self._news_ns:
            self._now = judged
        return judged

    def services(self, at_ns: int, scope: Scope = EVERYTHING) -> list[Row]:
        """Services in the scope as in the API, by name."""
        return self.judged(at_ns).services(scope)

    def state(self, at_ns: int, within_ns: int, scope: Scope) -> SystemState:
        """Services in the scope, and breakers in its environment."""
        judged = self.judged(at_ns, within_ns)
        return SystemState(judged.services(scope), judged.breakers(scope.environment))


def list_changes(store: Store, window: TimeRange, service: str, limit: int, scope: Scope = EVERYTHING) -> list[Row]:
    """As in the API, newest first. In an environment, a service's changes are those of its status there; of what does not say
    where it runs, those of all of it."""
    if not store.has_rollups:
        return []
    wanted = {"service": service, "environment": scope.environment, "limit": limit}
    rows = store.query(statement("health_changes"), {**window.parameters, **wanted})
    where = whereabouts(store, window, scope)
    if scope.environment:
        rows = [row for row in rows if row["environment"] or row["instance"] or not where.knows(row["service"])]
    return [
        {
            "at": moment_text(row["at_ns"]),
            "service": row["service"],
            "instance": row["instance"],
            "from": row["from_status"],
            "to": row["to_status"],
            "reasons": orjson.loads(row["reasons"]),
        }
        for row in where.within(scope, rows)
    ]


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


def _reasons(reasons: list[Reason]) -> list[Row]:
    """As `dataclasses.asdict` would, which copies every value: of 1,000 services that took half of the time to judge them."""
    return [{name: getattr(reason, name) for name in _REASON} for reason in reasons]
