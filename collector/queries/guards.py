"""Retries, time limits, bulkheads and rate limits of a service, read from its metrics when asked for."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from collector.conventions.guards import GUARD_METRICS, KINDS, GuardMetric, guard_names
from collector.queries.statements import part, statement
from collector.queries.time_range import TimeRange
from collector.store.engine import Row, Store

_TABLES = {"otel_metrics_gauge": "0", "otel_metrics_sum": "AggregationTemporality"}


class _Guard(NamedTuple):
    kind: str
    source: str
    name: str


def list_guards(store: Store, service: str, window: TimeRange, limit: int) -> list[Row]:
    """As in the API, by kind and name. Counts are of the window; levels are the last, over all instances."""
    figures: dict[_Guard, dict[str, Row]] = {}
    instances: dict[_Guard, set[str]] = {}
    for row in _series(store, service, window, limit):
        for metric, words in _meanings(row["metric"], row["attributes"]):
            figure = metric.figure or metric.figures.get(words.get(metric.label, ""), "")
            if not figure:
                continue
            name = "/".join(words[key] for key in metric.name if words.get(key))
            guard = _Guard(metric.kind, metric.source, name)
            known = figures.setdefault(guard, {})
            counted = known.setdefault(figure, {"name": figure, "value": 0.0, "is_count": metric.rises})
            counted["value"] += row["rise"] if metric.rises else row["last"]
            instances.setdefault(guard, set()).add(row["instance"])
    return [
        {**guard._asdict(), "instance_count": len(instances[guard]), "figures": list(figures[guard].values())}
        for guard in sorted(figures, key=lambda one: (KINDS.index(one.kind), one.name, one.source))
    ]


def _series(store: Store, service: str, window: TimeRange, limit: int) -> list[Row]:
    bounds = {"service": service, "metric_names": guard_names(), "limit": limit, **window.parameters}
    rows: list[Row] = []
    if store.has_rollups:
        for table, temporality in _TABLES.items():
            words = {"table": table, "temporality": temporality, "series": part("series")}
            rows += store.query(statement("guard_series", **words), bounds)
    return rows


def _meanings(name: str, attributes: Mapping[str, str]) -> list[tuple[GuardMetric, dict[str, Any]]]:
    """The entries that a metric's name and attributes fit, with the words that name the guard."""
    plain = re.sub(r"(?i)[._]total$", "", name)
    found = []
    for metric in GUARD_METRICS:
        match = metric.regex.fullmatch(plain)
        words = {**attributes, **{key: word for key, word in (match.groupdict() if match else {}).items() if word}}
        if match and all(words.get(key) == wanted for key, wanted in metric.where.items()):
            found.append((metric, words))
    return found
