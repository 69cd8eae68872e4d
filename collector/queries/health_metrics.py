"""Turns health that arrives as metrics into reports like any other, from new rows only."""

from collections import defaultdict
from collections.abc import Callable
from typing import NamedTuple

from collector.conventions.health import Report, worst
from collector.conventions.health_metrics import HealthMetric, health_metric, meaning, metric_pattern
from collector.queries.health_reports import HealthReports, Reporter
from collector.queries.new_rows import NewRowsReader
from collector.queries.statements import statement
from collector.store.engine import Row, Store

_TABLES = {"otel_metrics_gauge": "0", "otel_metrics_sum": "AggregationTemporality"}
_DELTA = 1
_LOOK_BACK_S = 60.0
_SAME_EXPORT_NS = 10**9


class _Subject(NamedTuple):
    reporter: Reporter
    metric: HealthMetric
    subject: str


class HealthMetricsReader:
    """`run_once` looks at what came in since the last time. `service_of`: the service that a URL belongs to, '' for none."""

    def __init__(self, store: Store, reports: HealthReports, service_of: Callable[[str], str]) -> None:
        self._store, self._reports, self._service_of = store, reports, service_of
        self._new_rows = NewRowsReader(store, dict.fromkeys(_TABLES, "TimeUnix"), _LOOK_BACK_S)
        self._counters: dict[str, float] = {}
        self._last_ns: dict[str, int] = {}
        self._figures: dict[_Subject, dict[str, float]] = {}
        """Those that judge together, as last told: an export may be seen in two looks."""

    def run_once(self) -> int:
        """How many reports were kept."""
        points: dict[_Subject, list[tuple[int, str, float]]] = defaultdict(list)
        for table, new in self._new_rows.look().items():
            sql = statement("new_health_points", table=table, new=new.condition, temporality=_TABLES[table])
            for row in self._store.query(sql, {**new.parameters, "metric_names": metric_pattern()}):
                self._sort_in(row, points)
        self._new_rows.done()  # from here on nothing is read twice: what cannot be kept is told anew by the next export
        checks: dict[tuple[Reporter, str, str], list[dict[str, object]]] = defaultdict(list)
        for subject, told in points.items():
            said = self._said(subject, told)
            if said is not None:
                checks[(subject.reporter, subject.metric.format, subject.metric.kind)].append(_check(subject, *said))
        return self._reports.record_all(
            (reporter, _report(form, kind, found)) for (reporter, form, kind), found in checks.items()
        )

    def _sort_in(self, row: Row, points: dict[_Subject, list[tuple[int, str, float]]]) -> None:
        known = health_metric(row["metric"])
        time_ns, value = row["last"]
        if known is None or self._last_ns.get(row["series"], 0) >= time_ns:
            return
        self._last_ns[row["series"]] = time_ns
        metric, groups = known
        words = {**row["resource"], **row["attributes"], **groups}
        service = self._service(metric, words)
        if not service:
            return
        raw = words.get(metric.label, "") if metric.label else f"{value:g}"
        rises = metric.reads == "risen" or metric.is_rising or raw.lower() in metric.rising
        if rises and row["temporality"] != _DELTA:
            before = self._counters.get(row["series"])
            self._counters[row["series"]] = value
            if before is None:
                value = value if metric.reads == "risen" else 0.0  # what was counted before is no news
            elif value >= before:
                value -= before
        instance = next((words[key] for key in metric.instance if words.get(key)), "")
        subject = next((words[key] for key in metric.subject if words.get(key)), "")
        namespace = words.get("service.namespace") or words.get("k8s.namespace.name", "")
        reporter = Reporter(service, instance, namespace, "otlp")
        points[_Subject(reporter, metric, subject)].append((time_ns, raw, value))

    def _service(self, metric: HealthMetric, words: dict[str, str]) -> str:
        if metric.by_url:
            return self._service_of(words.get(metric.by_url, ""))
        return metric.service_of(words)

    def _said(self, subject: _Subject, told: list[tuple[int, str, float]]) -> tuple[str, str] | None:
        """Raw status and status by the points of the latest export; None when they say nothing."""
        metric = subject.metric
        latest_ns = max(time_ns for time_ns, _, _ in told)
        now = [(raw, value) for time_ns, raw, value in told if time_ns > latest_ns - _SAME_EXPORT_NS]
        if metric.judge is not None:
            figures = self._figures.setdefault(subject, {})
            figures.update(now)
            return metric.judge(figures)
        raw = now[-1][0] if metric.reads == "value" else _active(now, metric.reads == "risen")
        return None if raw is None else (raw, meaning(metric, raw))


def _active(now: list[tuple[str, float]], latest: bool) -> str | None:
    on = [raw for raw, value in now if value > 0]
    return on[-1] if len(on) == 1 or (on and latest) else None


def _check(subject: _Subject, raw: str, status: str) -> dict[str, object]:
    name = "/".join(filter(None, (subject.metric.metric, subject.subject)))
    return {"name": name, "status": status, "raw_status": raw, "details": {}, "duration_ms": None, "output": ""}


def _report(form: str, kind: str, checks: list[dict[str, object]]) -> Report:
    status = worst(str(check["status"]) for check in checks)
    raw = next(str(check["raw_status"]) for check in checks if check["status"] == status)
    return Report(status, raw, kind, form, False, checks, "")
