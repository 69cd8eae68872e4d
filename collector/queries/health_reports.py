"""Health reports as they are kept: written when they come, read back as of a moment."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import time_ns
from typing import Any

import orjson

from collector.conventions.health import Report
from collector.errors import ReadOnly
from collector.queries.moments import moment_text
from collector.queries.statements import statement
from collector.store.engine import Row, Store

SECOND_NS = 10**9
LOOK_BACK_NS = 3600 * SECOND_NS
_FIRST_INTERVAL_NS = 60 * SECOND_NS  # what is assumed of a sender that has reported once
_LONGEST_INTERVAL_NS = 600 * SECOND_NS
_REPORTERS = 100_000  # that are remembered


@dataclass(frozen=True, slots=True)
class Reporter:
    """Whose health it is, and how it came: push, pull or otlp."""

    service: str
    instance: str = ""
    namespace: str = ""
    source: str = "push"


class HealthReports:
    """Takes reports in. A report is in force for three intervals of its reporter, and at least `expires_min_s`.

    `on_report(is_news)` follows each insert; what its reporter said before, and what is still in force, is no news.
    """

    def __init__(
        self, store: Store, expires_min_s: float, on_report: Callable[[bool], None] = lambda is_news: None
    ) -> None:
        self._store, self._min_ns, self.on_report = store, int(expires_min_s * SECOND_NS), on_report
        self._last: dict[tuple[Reporter, str], tuple[int, int]] = {}
        self._said: dict[tuple[Reporter, str], tuple[int, int]] = {}
        """Of what each reporter said last that was kept, the hash, and until when it is in force (epoch ns)."""
        self.count = 0

    def record(self, reporter: Reporter, report: Report, interval_s: float = 0.0, http_code: int = 0) -> Row:
        """Keep a report; it is on disk when this returns. `interval_s`: until the next, where that is known. The answer is
        the report as in the API. Raises ReadOnly.
        """
        row = self._row(reporter, report, interval_s, http_code)
        self._keep([(reporter, report, row)])
        return {
            **{key: getattr(reporter, key) for key in ("service", "instance", "namespace")},
            **{key: getattr(report, key) for key in ("status", "raw_status", "kind", "format", "maintenance")},
            "checks": [shown_check(check, row["AtNs"]) for check in _checks(report)],
            "observed_at": moment_text(row["AtNs"]),
            "expires_at": moment_text(row["ExpiresNs"]),
        }

    def record_all(self, told: Iterable[tuple[Reporter, Report]]) -> int:
        """Keep many reports in one insert; how many. Raises ReadOnly."""
        rows = [(reporter, report, self._row(reporter, report)) for reporter, report in told]
        if rows:
            self._keep(rows)
        return len(rows)

    def _is_news(self, reporter: Reporter, report: Report, row: Row) -> bool:
        """Whether it says otherwise than what is in force of this reporter and kind. From now on, that is this."""
        checks = tuple((str(check["name"]), str(check["status"])) for check in report.checks)
        said = hash((report.status, report.raw_status, report.maintenance, report.output, checks))
        if len(self._said) > _REPORTERS:
            self._said.clear()
        before, until_ns = self._said.get((reporter, report.kind), (0, 0))
        self._said[reporter, report.kind] = (said, row["ExpiresNs"])
        return said != before or until_ns < row["AtNs"]

    def _row(self, reporter: Reporter, report: Report, interval_s: float = 0.0, http_code: int = 0) -> Row:
        now_ns = time_ns()
        expires_ns = now_ns + max(3 * self._interval_ns(reporter, report.kind, now_ns, interval_s), self._min_ns)
        return {
            "AtNs": now_ns,
            "Service": reporter.service,
            "Namespace": reporter.namespace,
            "Instance": reporter.instance,
            "Source": reporter.source,
            "Format": report.format,
            "Kind": report.kind,
            "Status": report.status,
            "RawStatus": report.raw_status,
            "IsMaintenance": report.maintenance,
            "HttpCode": http_code,
            "Checks": orjson.dumps(_checks(report)).decode(),
            "Output": report.output,
            "ExpiresNs": expires_ns,
        }

    def _keep(self, told: list[tuple[Reporter, Report, Row]]) -> None:
        if self._store.read_only:
            raise ReadOnly("this collector only reads its store; send health reports to one that writes it")
        self._store.insert_rows("health_reports", [row for _, _, row in told])
        self.count += len(told)
        is_news = [self._is_news(*one) for one in told]  # all are noted
        self.on_report(any(is_news))

    def _interval_ns(self, reporter: Reporter, kind: str, now_ns: int, interval_s: float) -> int:
        if interval_s:
            return int(interval_s * SECOND_NS)
        if len(self._last) > _REPORTERS:
            self._last.clear()
        last_ns, interval_ns = self._last.get((reporter, kind), (0, 0))
        gap_ns = min(now_ns - last_ns, _LONGEST_INTERVAL_NS)
        if last_ns:
            known = interval_ns or gap_ns
            interval_ns = min(gap_ns, 2 * known) if gap_ns > known else max(gap_ns, round(0.7 * known))
        self._last[(reporter, kind)] = (now_ns, interval_ns)
        return interval_ns or _FIRST_INTERVAL_NS


def _checks(report: Report) -> list[Row]:
    return [{**check, "kind": "component"} for check in report.checks]


def find_reports(store: Store, at_ns: int, limit: int) -> list[Row]:
    """The last report of each instance, kind and source of the hour before `at_ns`."""
    bounds = {"start_ns": at_ns - LOOK_BACK_NS, "at_ns": at_ns, "limit": limit}
    names = ("status", "raw_status", "maintenance", "format", "http_code", "checks", "output", "expires_ns")
    rows = []
    for row in store.query(statement("health_reports"), bounds):
        report: dict[str, Any] = dict(zip(names, row.pop("report"), strict=True))
        rows.append({**row, **report, "checks": orjson.loads(report["checks"])})
    return rows


def shown_check(check: Row, at_ns: int) -> Row:
    return {
        "name": check["name"],
        "kind": check["kind"],
        "status": check["status"],
        "raw_status": check["raw_status"],
        "details": check["details"],
        "observed_at": moment_text(at_ns),
        "duration_ms": check["duration_ms"],
        "output": check["output"],
    }
