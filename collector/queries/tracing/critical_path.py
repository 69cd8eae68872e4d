"""The critical path: at each moment of the root, the one span that the end of the root waited for.

As published by Uber's CRISP (Zhang et al., USENIX ATC 2022) and as Jaeger defines it: walk back from the end of a span;
the child that ended last is on the path, then the child that ended last before that one started, and so on; the span itself
is on the path where no such child is. Children are cut to their parent's time, and those outside of it are left out.
Consumers of a producer's message are left out too: the producer does not wait for them.
From CRISP comes the tolerance: a child that overlaps the next one by less than a hundredth of their parent still counts as
before it, where no other child starts or ends in the overlap; its segment then ends where the next one starts.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

import numpy as np

from collector.queries.tracing.columns import CONSUMER, PRODUCER, Ints

OVERLAP = 0.01

Segment = tuple[int, int, int]
"""(row, start_ns, end_ns)"""


@dataclass(slots=True)
class _Child:
    row: int
    start: int
    end: int


def critical_path(root: int, parent: Ints, kind: Ints, start_ns: Ints, end_ns: Ints) -> list[Segment]:
    """Segments in time order, which do not overlap and fill the root's time; `parent` by row."""
    children = _Children(parent, kind, start_ns, end_ns)
    segments: list[Segment] = []
    stack = [_Child(root, int(start_ns[root]), int(end_ns[root]))]
    while stack:
        span = stack.pop()
        moment, own = span.end, []
        for child in _chain(children.within(span), span):
            if moment > child.end:
                own.append((span.row, child.end, moment))
            moment = child.start
            stack.append(child)
        if moment > span.start:
            own.append((span.row, span.start, moment))
        segments += own
    return sorted(segments, key=lambda segment: segment[1])


class _Children:
    """Children by parent, with what they wait for; those that nobody waits for are left out."""

    def __init__(self, parent: Ints, kind: Ints, start_ns: Ints, end_ns: Ints) -> None:
        waited_for = ~((kind == CONSUMER) & (kind[parent] == PRODUCER)) & (parent >= 0)
        rows = np.flatnonzero(waited_for)
        by_parent = rows[np.argsort(parent[rows], kind="stable")]
        self._rows = by_parent.tolist()
        self._bounds = np.searchsorted(parent[by_parent], np.arange(len(parent) + 1)).tolist()
        self._start_ns, self._end_ns = start_ns, end_ns

    def within(self, span: _Child) -> list[_Child]:
        """Cut to the time of `span`; the one that ends last first."""
        rows = self._rows[self._bounds[span.row] : self._bounds[span.row + 1]]
        cut = (
            _Child(row, max(span.start, int(self._start_ns[row])), min(span.end, int(self._end_ns[row])))
            for row in rows
        )
        return sorted((child for child in cut if child.end > child.start), key=lambda child: (-child.end, child.row))


def _chain(children: list[_Child], span: _Child) -> list[_Child]:
    """Those that waited for one another, last first; each is cut where the next starts."""
    chain: list[_Child] = []
    starts = sorted(child.start for child in children)
    ends = sorted(child.end for child in children)
    for child in children:
        if not chain or child.end <= chain[-1].start:
            chain.append(child)
        elif _nearly_before(child, chain[-1], (span.end - span.start) * OVERLAP, starts, ends):
            chain.append(_Child(child.row, child.start, chain[-1].start))
    return chain


def _nearly_before(child: _Child, later: _Child, tolerance: float, starts: list[int], ends: list[int]) -> bool:
    if not (child.start < later.start and child.end < later.end and child.end - later.start < tolerance):
        return False
    events = sum(bisect_right(moments, child.end) - bisect_left(moments, later.start) for moments in (starts, ends))
    return events == 2  # the later one's start and this one's end
