"""Spans merged by path: those that the same services and operations lead to, from the root down, are one node."""

from dataclasses import dataclass

import numpy as np

from collector.queries.tracing.analysis import Analysis
from collector.queries.tracing.columns import Ints
from collector.queries.tracing.groups import Ranked, counted, summed


@dataclass(frozen=True, eq=False)
class CallTree:
    """By node, numbered so that parents come first."""

    of_row: Ints
    """The node of each row."""
    parent: Ints
    service: Ints
    name: Ints
    """Codes, as in the trace's columns."""
    count: Ints
    errors: Ints
    rejected: Ints
    total_ns: Ints
    self_ns: Ints
    work_ns: Ints
    """Self time of the node and of everything beneath it: never less than that of its children together."""
    critical_ns: Ints
    row: Ints
    """The row of its longest span."""

    def __len__(self) -> int:
        return len(self.parent)


def call_tree(analysis: Analysis) -> CallTree:
    spans, rows = analysis.spans, np.arange(len(analysis.spans))
    operation = spans.service.codes.astype(np.int64) * len(spans.name.texts) + spans.name.codes
    node, parent = merged_by_path(analysis.tree.parent, operation)
    count = len(parent)
    first = np.full(count, len(rows))
    np.minimum.at(first, node, rows)
    until = np.concatenate(([0], np.cumsum(analysis.self_ns)))
    return CallTree(
        of_row=node,
        parent=parent,
        service=spans.service.codes[first],
        name=spans.name.codes[first],
        count=np.bincount(node, minlength=count),
        errors=counted(node, spans.failed, count),
        rejected=counted(node, spans.rejected != 0, count),
        total_ns=summed(node, spans.duration_ns, count),
        self_ns=summed(node, analysis.self_ns, count),
        work_ns=summed(node, until[analysis.tree.end] - until[rows], count),
        critical_ns=summed(node, analysis.critical_ns, count),
        row=Ranked(node, spans.duration_ns, count).greatest(),
    )


def merged_by_path(parent: Ints, label: Ints) -> tuple[Ints, Ints]:
    """The node of each row and the parent of each node, for rows that come after their parents. Equal labels merge."""
    nodes: dict[tuple[int, int], int] = {}
    of_row: list[int] = []
    for above, what in zip(parent.tolist(), label.tolist(), strict=True):
        of_row.append(nodes.setdefault((of_row[above] if above >= 0 else -1, what), len(nodes)))
    parents = np.fromiter((above for above, _ in nodes), dtype=np.int64, count=len(nodes))
    return np.array(of_row, dtype=np.int64), parents


def weightiest(parent: Ints, weight: Ints, most: int) -> Ints:
    """Up to `most` nodes of the greatest weight, ascending. No node may weigh more than its parent: parents are kept."""
    order = np.lexsort((np.arange(len(parent)), -weight))
    return np.sort(order[:most])


def renumbered(parent: Ints, kept: Ints) -> Ints:
    """The parents of the `kept` nodes as places among these."""
    place = np.full(len(parent) + 1, -1)
    place[kept] = np.arange(len(kept))
    renumbered: Ints = place[parent[kept]]
    return renumbered
