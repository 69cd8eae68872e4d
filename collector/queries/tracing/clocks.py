"""Correction of skewed clocks, nearly as Jaeger does it.

A span that was timed by another clock than its parent and does not lie within it is moved to its middle: the time that
the call took longer than the answer is taken as latency, the same in both directions. What the moved span's own clock
timed beneath it moves along. A span that is longer than its parent is only kept from starting before it, and so is the
consumer of a message, which may start long after it was sent.
Source: jaegertracing/jaeger, internal/adjuster/clockskew.go.

Unlike there two clocks are taken to differ only if a call between them says so: it begins before its caller does, or
after its caller has the answer. That it ends later proves nothing, for a server goes on after it has answered; in the
demo shop, all of one clock, one call in eight does.
"""

from dataclasses import dataclass

import numpy as np

from collector.queries.tracing.columns import CONSUMER, PRODUCER, Columns, Ints


@dataclass(frozen=True, eq=False)
class Skew:
    """By place in the columns."""

    moved_ns: Ints
    beyond: Ints
    """Spans that would have to be moved further than is allowed, and were left where they are."""


def find_skew(spans: Columns, parent: Ints, max_skew_ns: int) -> Skew:
    """`parent` by place, without circles."""
    moved_ns = np.zeros(len(spans), dtype=np.int64)
    children = np.flatnonzero((parent >= 0) & (spans.clock.codes != spans.clock.codes[parent]))
    parents = parent[children]
    is_async = (spans.kind == PRODUCER)[parent] | (spans.kind == CONSUMER)
    early = spans.start_ns[children] < spans.start_ns[parents]
    late = (spans.start_ns[children] > spans.end_ns[parents]) & ~is_async[children]
    if not (early | late).any():
        return Skew(moved_ns, np.zeros(0, dtype=np.int64))
    differs = np.zeros(len(spans), dtype=bool)
    differs[children] = _of_same_clocks(spans.clock.codes[children], spans.clock.codes[parents], early | late)
    start, duration = spans.start_ns.tolist(), spans.duration_ns.tolist()
    moved, beyond, above = [0] * len(spans), [], parent.tolist()
    for place in _parents_first(parent):
        over = above[place]
        if over < 0:
            continue
        if not differs[place]:
            moved[place] = moved[over]
            continue
        latency = _latency(start[place], duration[place], start[over] + moved[over], duration[over], is_async[place])
        if abs(latency) > max_skew_ns:
            beyond.append(place)
        else:
            moved[place] = latency
    return Skew(np.array(moved, dtype=np.int64), np.array(beyond, dtype=np.int64))


def _of_same_clocks(clock: Ints, other: Ints, chosen: Ints) -> Ints:
    """Which calls are between two clocks of a chosen one, whichever of them calls."""
    lower, higher = np.minimum(clock, other).astype(np.int64), np.maximum(clock, other)
    pair = lower * (int(higher.max()) + 1) + higher
    among: Ints = np.isin(pair, pair[chosen])
    return among


def _latency(start: int, duration: int, parent_start: int, parent_duration: int, is_async: bool) -> int:
    """By how much a span is to be moved."""
    if is_async or duration > parent_duration:
        return max(0, parent_start - start)
    if start >= parent_start and start + duration <= parent_start + parent_duration:
        return 0
    return parent_start + (parent_duration - duration) // 2 - start


def _parents_first(parent: Ints) -> list[int]:
    """All places, level by level."""
    by_parent = np.argsort(parent, kind="stable")
    bounds = np.searchsorted(parent[by_parent], np.arange(-1, len(parent) + 1)).tolist()
    children = by_parent.tolist()
    order: list[int] = children[bounds[0] : bounds[1]]
    for place in order:  # grows while it is walked
        order += children[bounds[place + 1] : bounds[place + 2]]
    return order
