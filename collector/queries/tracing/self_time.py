"""When spans are at work themselves: not waiting for a child. Self time, and how many are at work at each moment."""

from dataclasses import dataclass

import numpy as np

from collector.queries.tracing.columns import Ints


@dataclass(frozen=True, eq=False)
class Covered:
    """Stretches of spans' time that children cover: they do not overlap within a span, and lie within it."""

    row: Ints
    start_ns: Ints
    end_ns: Ints


def covered_by_children(parent: Ints, start_ns: Ints, end_ns: Ints) -> Covered:
    """By row of the parent. Children outside of their parent's time cover nothing of it."""
    rows = np.flatnonzero(parent >= 0)
    above = parent[rows]
    start, end = np.maximum(start_ns[rows], start_ns[above]), np.minimum(end_ns[rows], end_ns[above])
    kept = end > start
    above, start, end = above[kept], start[kept], end[kept]
    by_parent = np.lexsort((start, above))
    above, start, end = above[by_parent], start[by_parent], end[by_parent]
    if not len(above):
        return Covered(above, start, end)
    latest = _latest_before(above, end)
    begins = np.flatnonzero(start > latest)  # the first child of a parent has nothing before it
    stops = np.maximum.reduceat(end, begins)
    return Covered(above[begins], start[begins], stops)


def _latest_before(group: Ints, value: Ints) -> Ints:
    """For each item of the sorted `group`, the greatest value before it in its group; the least integer for the first.

    Values are ranked, so that groups can be kept apart by adding to the ranks without leaving 64 bits.
    """
    ranks = np.empty(len(value), dtype=np.int64)
    by_value = np.argsort(value, kind="stable")
    ranks[by_value] = np.arange(len(value))
    group_number = np.cumsum(np.concatenate(([0], group[1:] != group[:-1])))
    highest = np.maximum.accumulate(group_number * len(value) + ranks) - group_number * len(value)
    latest = np.full(len(value), np.iinfo(np.int64).min)
    follows = np.flatnonzero(group[1:] == group[:-1]) + 1
    latest[follows] = value[by_value[highest[follows - 1]]]
    return latest


def self_time_ns(duration_ns: Ints, covered: Covered) -> Ints:
    waited = np.zeros(len(duration_ns), dtype=np.int64)
    np.add.at(waited, covered.row, covered.end_ns - covered.start_ns)
    return duration_ns - waited


def concurrency(start_ns: Ints, end_ns: Ints, covered: Covered, most_steps: int) -> list[list[int]]:
    """[moment, spans at work from then on], where that changes; of more than `most_steps`, the most in equal steps."""
    moments = np.concatenate((start_ns, covered.end_ns, end_ns, covered.start_ns))
    ups = len(start_ns) + len(covered.row)
    deltas = np.concatenate((np.ones(ups, dtype=np.int64), np.full(len(moments) - ups, -1)))
    at, inverse = np.unique(moments, return_inverse=True)
    change = np.zeros(len(at), dtype=np.int64)
    np.add.at(change, inverse, deltas)
    active = np.cumsum(change)
    kept = np.flatnonzero(np.concatenate(([active[0] != 0], active[1:] != active[:-1]))) if len(at) else at
    at, active = at[kept], active[kept]
    if len(at) > most_steps:
        at, active = _in_equal_steps(at, active, most_steps)
    return np.stack((at, active), axis=1).tolist() if len(at) else []


def _in_equal_steps(at: Ints, active: Ints, steps: int) -> tuple[Ints, Ints]:
    """The most that is active in each of `steps` equal parts; the last says that all is over."""
    edges = at[0] + (at[-1] - at[0]) * np.arange(steps) // (steps - 1)
    first = np.searchsorted(at, edges, side="right") - 1  # what is still active when a step begins
    last = np.searchsorted(at, np.append(edges[1:], at[-1] + 1), side="left")
    most = np.array([active[a:b].max() for a, b in zip(first.tolist(), last.tolist(), strict=True)])
    most[-1] = active[-1]
    return edges, most
