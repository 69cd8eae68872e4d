"""A trace as a flame graph: its call tree, merged by path, in columns."""

from typing import Any

from collector.queries.tracing.analysis import Analysis
from collector.queries.tracing.call_tree import CallTree, call_tree, renumbered, weightiest
from collector.queries.tracing.columns import Ints, Names
from collector.queries.tracing.groups import used
from collector.queries.tracing.tree import arrange

_SUMS = ("count", "errors", "rejected", "total_ns", "self_ns", "work_ns", "critical_ns", "row")


def flame(analysis: Analysis, most: int) -> dict[str, Any]:
    """As in the API; columns are numpy arrays. Beyond `most` nodes, those with the least work are left out."""
    tree = call_tree(analysis)
    kept = weightiest(tree.parent, tree.work_ns, most)
    arranged = arrange(renumbered(tree.parent, kept), -tree.work_ns[kept])
    shown = kept[arranged.order]
    service = used(Names(tree.service[shown], analysis.spans.service.texts))
    name = used(Names(tree.name[shown], analysis.spans.name.texts))
    return {
        "span_count": len(analysis.spans),
        "services": service.texts,
        "names": name.texts,
        "nodes": {
            "parent": arranged.parent,
            "end": arranged.end,
            "depth": arranged.depth,
            "service": service.codes,
            "name": name.codes,
            **{column: getattr(tree, column)[shown] for column in _SUMS},
        },
        "cut": _cut(tree, kept),
    }


def _cut(tree: CallTree, kept: Ints) -> dict[str, int]:
    return {
        "nodes": len(tree) - len(kept),
        "spans": int(tree.count.sum() - tree.count[kept].sum()),
        "self_ns": int(tree.self_ns.sum() - tree.self_ns[kept].sum()),
    }
