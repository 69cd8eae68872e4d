"""A trace in numbers: counts, times and percentiles by service, operation, or the values of an attribute."""

from typing import Any

import numpy as np

from collector.queries.sources import SpanSource
from collector.queries.statements import statement
from collector.queries.tracing.analysis import Analysis
from collector.queries.tracing.columns import Ints, names_of, numbers_of
from collector.queries.tracing.groups import Ranked, counted, summed
from collector.store.engine import Row

MOST_SHOWN_CHARACTERS = 500
"""Of an attribute's value."""


def by_service(analysis: Analysis) -> tuple[Ints, list[Row]]:
    services = analysis.spans.service
    return _grouped(services.codes, [{"service": text, "operation": None, "value": None} for text in services.texts])


def by_operation(analysis: Analysis) -> tuple[Ints, list[Row]]:
    services, names = analysis.spans.service, analysis.spans.name
    found, group = np.unique(services.codes.astype(np.int64) * len(names.texts) + names.codes, return_inverse=True)
    ends = zip(*(codes.tolist() for codes in np.divmod(found, len(names.texts))), strict=True)
    labels = [
        {"service": services.texts[service], "operation": names.texts[name], "value": None} for service, name in ends
    ]
    return group, labels


def by_attribute(source: SpanSource, trace_id: str, key: str, analysis: Analysis) -> tuple[Ints, list[Row]]:
    """By its value as text, of the span or else of its resource; None for spans that have it nowhere."""
    parameters = {"trace_id": trace_id, "key": key, "limit": len(analysis.spans)}
    table = source.query_arrow(statement("trace_attribute", spans=source.spans), parameters)
    values = names_of(table.column("value"))
    rows = analysis.rows_of(numbers_of(table.column("id"), np.uint64), names_of(table.column("service")))
    codes = np.full(len(analysis.spans), len(values.texts), dtype=np.int64)
    codes[rows[rows >= 0]] = values.codes[rows >= 0]
    return _grouped(codes, [{"service": None, "operation": None, "value": text} for text in (*values.texts, None)])


def _grouped(codes: Ints, labels: list[Row]) -> tuple[Ints, list[Row]]:
    found, group = np.unique(codes, return_inverse=True)
    return group, [labels[code] for code in found.tolist()]


def statistics(analysis: Analysis, group: Ints, labels: list[Row], most: int) -> dict[str, Any]:
    """{rows, cut}: one row for each group, the most self time first; `labels` are what tells them apart."""
    spans, groups = analysis.spans, len(labels)
    ranked = Ranked(group, spans.duration_ns, groups)
    slowest = ranked.greatest()
    columns = {
        "count": np.bincount(group, minlength=groups),
        "errors": counted(group, spans.failed, groups),
        "rejected": counted(group, spans.rejected != 0, groups),
        "total_ns": summed(group, spans.duration_ns, groups),
        "self_ns": summed(group, analysis.self_ns, groups),
        "critical_ns": summed(group, analysis.critical_ns, groups),
        "p50_ns": ranked.quantile(50),
        "p95_ns": ranked.quantile(95),
        "max_ns": spans.duration_ns[slowest],
        "row": slowest,
    }
    order = np.lexsort((-columns["count"], -columns["self_ns"]))
    shown, left_out = order[:most], order[most:]
    values = zip(*(column[shown].tolist() for column in columns.values()), strict=True)
    rows = [
        {**_shown(labels[place]), **dict(zip(columns, numbers, strict=True))}
        for place, numbers in zip(shown.tolist(), values, strict=True)
    ]
    cut = {"rows": len(left_out), "spans": int(columns["count"][left_out].sum())}
    return {"rows": rows, "cut": {**cut, "self_ns": int(columns["self_ns"][left_out].sum())}}


def _shown(label: Row) -> Row:
    value = label["value"]
    return {**label, "value": value and value[:MOST_SHOWN_CHARACTERS]}
