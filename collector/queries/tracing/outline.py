"""What the waterfall draws: a trace in columns, without attributes. Times are offsets from the trace's start, in ns."""

from typing import Any

import numpy as np

from collector.queries.statements import statement
from collector.queries.tracing.analysis import Analysis
from collector.queries.tracing.columns import Ints, hex_ids
from collector.queries.tracing.groups import counted, summed
from collector.queries.tracing.self_time import concurrency
from collector.store.engine import Row, Store

MOST_STEPS = 500
MOST_CLOCKS = 100
SHOWN_ROWS = 100
"""Of the rows that a warning is about."""


def outline(analysis: Analysis, trace_id: str, logs: Ints) -> dict[str, Any]:
    """As in the API; columns are numpy arrays. `logs`: how many records each row has."""
    spans, tree, start_ns = analysis.spans, analysis.tree, analysis.start_ns
    steps = concurrency(spans.start_ns, spans.end_ns, analysis.covered, MOST_STEPS)
    clocks, clocks_cut = moved_clocks(analysis)
    return {
        "trace_id": trace_id,
        "start_ns": str(start_ns),
        "duration_ns": analysis.duration_ns,
        "span_count": len(spans),
        "truncated": analysis.truncated,
        "root": analysis.root,
        "services": service_totals(analysis),
        "names": spans.name.texts,
        "spans": {
            "id": hex_ids(spans.id),
            "parent": tree.parent,
            "end": tree.end,
            "depth": tree.depth,
            "service": spans.service.codes,
            "name": spans.name.codes,
            "kind": spans.kind,
            "start_ns": spans.start_ns - start_ns,
            "duration_ns": spans.duration_ns,
            "self_ns": analysis.self_ns,
            "status": spans.status,
            "rejected": spans.rejected,
            "events": spans.events,
            "links": spans.links,
            "logs": logs,
            "moved_ns": analysis.moved_ns,
        },
        "critical_path": [
            {"row": row, "start_ns": start - start_ns, "end_ns": end - start_ns}
            for row, start, end in analysis.critical_path
        ],
        "concurrency": [[moment - start_ns, active] for moment, active in steps],
        "skew": clocks,
        "skew_cut": clocks_cut,
        "warnings": [{**warning, "rows": warning["rows"][:SHOWN_ROWS]} for warning in analysis.warnings],
    }


def service_totals(analysis: Analysis) -> list[Row]:
    """In the order of the codes of `spans.service`."""
    spans, codes = analysis.spans, analysis.spans.service.codes
    count = len(spans.service.texts)
    totals = zip(
        spans.service.texts,
        np.bincount(codes, minlength=count).tolist(),
        counted(codes, spans.failed, count).tolist(),
        summed(codes, analysis.self_ns, count).tolist(),
        summed(codes, analysis.critical_ns, count).tolist(),
        strict=True,
    )
    names = ("name", "spans", "errors", "self_ns", "critical_ns")
    return [dict(zip(names, values, strict=True)) for values in totals]


def moved_clocks(analysis: Analysis) -> tuple[list[Row], Row]:
    """One for each service, instance and distance that spans of it were moved by, the most spans first; and what is left out."""
    spans = analysis.spans
    moved = np.flatnonzero(analysis.moved_ns)
    service, instance, distance = spans.service.codes[moved], spans.instance.codes[moved], analysis.moved_ns[moved]
    order = np.lexsort((distance, _ranks(spans.instance.texts)[instance], _ranks(spans.service.texts)[service]))
    keys = np.stack((service, instance, distance))[:, order]
    begins = np.flatnonzero(np.append(True, (keys[:, 1:] != keys[:, :-1]).any(axis=0))[: len(order)])
    counts = np.diff(np.append(begins, len(order)))
    most_first = np.argsort(-counts, kind="stable")
    shown = most_first[:MOST_CLOCKS]
    rows = [
        {
            "service": spans.service.texts[service],
            "instance": spans.instance.texts[instance],
            "moved_ns": moved_ns,
            "spans": count,
        }
        for (service, instance, moved_ns), count in zip(
            keys[:, begins[shown]].T.tolist(), counts[shown].tolist(), strict=True
        )
    ]
    return rows, {"rows": len(counts) - len(shown), "spans": int(counts[most_first[MOST_CLOCKS:]].sum())}


def _ranks(texts: list[str]) -> Ints:
    """The place of each text in alphabetical order."""
    ranks = np.empty(len(texts), dtype=np.int64)
    ranks[sorted(range(len(texts)), key=texts.__getitem__)] = np.arange(len(texts))
    return ranks


def log_counts(store: Store, trace_id: str, analysis: Analysis) -> Ints:
    """Records by row; one with an id that services share counts for each of them."""
    counts = np.zeros(len(analysis.spans), dtype=np.int32)
    if store.has_logs:
        parameters = {"trace_id": trace_id, "limit": len(counts)}
        table = store.query_arrow(statement("trace_log_counts"), parameters)
        ids, logs = (table.column(name).combine_chunks().to_numpy(zero_copy_only=False) for name in ("id", "logs"))
        if len(ids):
            order = np.argsort(ids)
            at = np.minimum(np.searchsorted(ids[order], analysis.spans.id), len(ids) - 1)
            found = ids[order][at] == analysis.spans.id
            counts[found] = logs[order][at][found]
    return counts
