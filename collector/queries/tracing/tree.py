"""Who is whose parent, and the order of the rows that follows: depth-first, siblings by start.

Nothing here recurses: a trace may be as deep as it has spans. What is odd is told by kind, never dropped: a span whose
parent is not stored is a root, and a circle of parents is cut at its earliest span.
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from collector.queries.tracing.columns import CLIENT, CONSUMER, PRODUCER, SERVER, Columns, Ints

NO_PARENT = -1


@dataclass(frozen=True, eq=False)
class Parents:
    """By place in the columns. `parent` is a place, or NO_PARENT for a root."""

    parent: Ints
    missing: Ints
    """Spans that name a parent which is not there."""
    shared: Ints
    """Spans whose id another service uses too."""
    circular: Ints
    """Spans whose parent was taken away because it is among their descendants."""


@dataclass(frozen=True, eq=False)
class Tree:
    """Rows in preorder: a subtree is the rows `row` to `end[row]`, not included."""

    order: Ints
    """The place in the columns of each row."""
    parent: Ints
    depth: Ints
    end: Ints


def find_parents(spans: Columns) -> Parents:
    by_id = np.argsort(spans.id, kind="stable")
    sorted_ids = spans.id[by_id]
    repeated = np.zeros(len(spans), dtype=bool)
    same = sorted_ids[1:] == sorted_ids[:-1]
    repeated[by_id[1:]] |= same
    repeated[by_id[:-1]] |= same
    at = np.minimum(np.searchsorted(sorted_ids, spans.parent_id), max(len(spans) - 1, 0))
    found = (sorted_ids[at] == spans.parent_id) & (spans.parent_id != 0)
    parent = np.where(found, by_id[at], NO_PARENT).astype(np.int64)
    if repeated.any():
        _choose_among_shared(spans, parent, repeated)
    missing = np.flatnonzero((spans.parent_id != 0) & (parent == NO_PARENT))
    return Parents(parent, missing, np.flatnonzero(repeated), _cut_circles(parent, spans.start_ns))


def _choose_among_shared(spans: Columns, parent: Ints, repeated: Ints) -> None:
    """Where services share a span id, the called half is beneath the calling one, and children are beneath the half in
    their own service, else beneath the called half."""
    halves: dict[int, list[int]] = defaultdict(list)
    for place in np.flatnonzero(repeated).tolist():
        halves[int(spans.id[place])].append(place)
    for places in halves.values():
        calling = [place for place in places if spans.kind[place] in (CLIENT, PRODUCER)]
        for place in places:
            if calling and spans.kind[place] in (SERVER, CONSUMER):
                parent[place] = calling[0]
    ids = np.fromiter(halves, dtype=np.uint64, count=len(halves))
    for child in np.flatnonzero(np.isin(spans.parent_id, ids)).tolist():
        among = [place for place in halves[int(spans.parent_id[child])] if place != child]
        if repeated[child] and spans.id[child] == spans.parent_id[child]:
            continue
        if repeated[child] and parent[child] in halves[int(spans.id[child])]:
            continue  # the called half of a shared id: its parent was said above
        own = [place for place in among if spans.service.codes[place] == spans.service.codes[child]]
        called = [place for place in among if spans.kind[place] not in (CLIENT, PRODUCER)]
        parent[child] = (own or called or among)[0]


def _cut_circles(parent: Ints, start_ns: Ints) -> Ints:
    """Takes the parent from the earliest span of each circle."""
    above = parent.tolist()
    walk = [0] * len(above)  # which walk came by here first
    cut = []
    for first in range(len(above)):
        place = first
        while place != NO_PARENT and not walk[place]:
            walk[place] = first + 1
            place = above[place]
        if place != NO_PARENT and walk[place] == first + 1:
            circle = [place]
            while above[circle[-1]] != place:
                circle.append(above[circle[-1]])
            cut.append(min(circle, key=lambda member: (start_ns[member], member)))
            above[cut[-1]] = NO_PARENT
    circular = np.array(cut, dtype=np.int64)
    parent[circular] = NO_PARENT
    return circular


def arrange(parent: Ints, start_ns: Ints) -> Tree:
    """The order of the rows, by parents without circles."""
    count = len(parent)
    latest_first = np.lexsort((-np.arange(count), -start_ns, parent))
    bounds = np.searchsorted(parent[latest_first], np.arange(NO_PARENT, count + 1)).tolist()
    latest_first_list = latest_first.tolist()
    order: list[int] = []
    stack = latest_first_list[bounds[0] : bounds[1]]
    while stack:
        place = stack.pop()
        order.append(place)
        stack += latest_first_list[bounds[place + 1] : bounds[place + 2]]
    places = np.array(order, dtype=np.int64)
    row_of = np.empty(count + 1, dtype=np.int64)
    row_of[places], row_of[NO_PARENT] = np.arange(count), NO_PARENT
    rows = row_of[parent[places]]
    depth, end = _depth_and_end(rows.tolist())
    return Tree(places, rows, depth, end)


def _depth_and_end(parent: list[int]) -> tuple[Ints, Ints]:
    depth, size = [0] * len(parent), [1] * len(parent)
    for row, above in enumerate(parent):
        if above >= 0:
            depth[row] = depth[above] + 1
    for row in range(len(parent) - 1, -1, -1):
        if parent[row] >= 0:
            size[parent[row]] += size[row]
    return np.array(depth, dtype=np.int32), np.arange(len(parent)) + np.array(size, dtype=np.int64)
