"""What differs between a trace and another, or what is typical of others: their call trees, laid over each other by path."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from collector.queries.tracing.analysis import Analysis
from collector.queries.tracing.call_tree import CallTree, call_tree, merged_by_path, renumbered, weightiest
from collector.queries.tracing.columns import Ints
from collector.queries.tracing.tree import arrange

SAME, ADDED, MISSING, SLOWER, FASTER = range(5)
STATUSES = ("same", "added", "missing", "slower", "faster")
_FLOOR = 0.005
"""Of the longer trace's duration: a path that differs by less is the same, however short it is."""
_MEASURES = ("count", "errors", "total_ns", "self_ns")


@dataclass(frozen=True, eq=False)
class _Side:
    """By merged node, 0 where it is not; `row` is -1 there."""

    count: Ints
    errors: Ints
    total_ns: Ints
    self_ns: Ints
    row: Ints
    duration_ns: int
    span_count: int


def compare(here: Analysis, others: Sequence[Analysis], tolerance: float, most: int) -> dict[str, Any]:
    """As in the API; columns are numpy arrays. Of several others, the (lower) median of each path counts.

    A path is slower or faster where its total time differs by more than `tolerance` of the shorter and `_FLOOR`.
    Beyond `most` nodes, those are left out that differ least, with all beneath them.
    """
    trees = [call_tree(analysis) for analysis in (here, *others)]
    labels, texts = _labels((here, *others), trees)
    offsets = np.cumsum([0, *map(len, trees)])
    parents = [np.where(tree.parent >= 0, tree.parent + at, -1) for tree, at in zip(trees, offsets, strict=False)]
    node, parent = merged_by_path(np.concatenate(parents), np.concatenate(labels))
    label = np.empty(len(parent), dtype=np.int64)
    label[node] = np.concatenate(labels)
    ours = _one(here, trees[0], node[: len(trees[0])], len(parent))
    theirs = _middle(others, trees[1:], node[len(trees[0]) :], len(parent))
    there = np.flatnonzero((ours.count > 0) | (theirs.count > 0))
    status = _status(ours, theirs, tolerance)
    kept = there[_most_different(renumbered(parent, there), np.abs(ours.total_ns - theirs.total_ns)[there], most)]
    arranged = arrange(renumbered(parent, kept), np.arange(len(kept)))
    shown = kept[arranged.order]
    services, service = np.unique(label[shown] >> 32, return_inverse=True)
    names, name = np.unique(label[shown] & 0xFFFFFFFF, return_inverse=True)
    presence = np.bincount(node[len(trees[0]) :], minlength=len(parent))
    return {
        "duration_ns": ours.duration_ns,
        "other_duration_ns": theirs.duration_ns,
        "span_count": ours.span_count,
        "other_span_count": theirs.span_count,
        "paths": {text: int((status[there] == code).sum()) for code, text in enumerate(STATUSES)},
        "services": [texts[code] for code in services.tolist()],
        "names": [texts[code] for code in names.tolist()],
        "nodes": {
            "parent": arranged.parent,
            "end": arranged.end,
            "depth": arranged.depth,
            "service": service,
            "name": name,
            "status": status[shown],
            **{measure: getattr(ours, measure)[shown] for measure in _MEASURES},
            **{f"other_{measure}": getattr(theirs, measure)[shown] for measure in _MEASURES},
            "other_traces": presence[shown],
            "row": ours.row[shown],
            "other_row": theirs.row[shown],
        },
        "cut": {"nodes": len(there) - len(kept)},
    }


def _labels(analyses: Sequence[Analysis], trees: list[CallTree]) -> tuple[list[Ints], list[str]]:
    """For each tree a number of each node's service and operation, and the texts that its halves of 32 bits index."""
    codes: dict[str, int] = {}
    labels = []
    for analysis, tree in zip(analyses, trees, strict=True):
        service, name = (
            np.array([codes.setdefault(text, len(codes)) for text in names.texts], dtype=np.int64)
            for names in (analysis.spans.service, analysis.spans.name)
        )
        labels.append((service[tree.service] << 32) | name[tree.name])
    return labels, list(codes)


def _one(analysis: Analysis, tree: CallTree, node: Ints, nodes: int) -> _Side:
    columns = {measure: np.zeros(nodes, dtype=np.int64) for measure in _MEASURES}
    for measure, column in columns.items():
        column[node] = getattr(tree, measure)
    row = np.full(nodes, -1)
    row[node] = tree.row
    return _Side(**columns, row=row, duration_ns=analysis.duration_ns, span_count=len(analysis.spans))


def _middle(analyses: Sequence[Analysis], trees: list[CallTree], node: Ints, nodes: int) -> _Side:
    if len(trees) == 1:
        return _one(analyses[0], trees[0], node, nodes)
    columns = {
        measure: _median(node, np.concatenate([getattr(tree, measure) for tree in trees]), nodes, len(trees))
        for measure in _MEASURES
    }
    middle = (len(analyses) - 1) // 2
    return _Side(
        **columns,
        row=np.full(nodes, -1),
        duration_ns=sorted(analysis.duration_ns for analysis in analyses)[middle],
        span_count=sorted(len(analysis.spans) for analysis in analyses)[middle],
    )


def _median(node: Ints, values: Ints, nodes: int, traces: int) -> Ints:
    """The lower median of each node over all traces; a trace that does not have the node counts as 0."""
    order = np.lexsort((values, node))
    counts = np.bincount(node, minlength=nodes)
    place = (traces - 1) // 2 - (traces - counts)
    first = np.cumsum(counts) - counts
    found = values[order[np.minimum(first + np.maximum(place, 0), max(len(order) - 1, 0))]]
    return np.where(place >= 0, found, 0)


def _status(ours: _Side, theirs: _Side, tolerance: float) -> Ints:
    difference = ours.total_ns - theirs.total_ns
    floor = _FLOOR * max(ours.duration_ns, theirs.duration_ns)
    differs = np.abs(difference) > np.maximum(tolerance * np.minimum(ours.total_ns, theirs.total_ns), floor)
    rules = (theirs.count == 0, ours.count == 0, differs & (difference > 0), differs & (difference < 0))
    return np.select(rules, (ADDED, MISSING, SLOWER, FASTER), SAME)


def _most_different(parent: Ints, difference: Ints, most: int) -> Ints:
    """Up to `most` nodes, those that lead to the greatest differences."""
    if len(parent) <= most:
        return np.arange(len(parent))
    weight, above = difference.tolist(), parent.tolist()
    for node in range(len(above) - 1, -1, -1):
        if above[node] >= 0:
            weight[above[node]] = max(weight[above[node]], weight[node])
    return weightiest(parent, np.array(weight), most)
