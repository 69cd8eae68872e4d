"""Breakers rolled up to their services, as they are or were at a moment: whole, or in short for long lists."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from collector.errors import NotFound
from collector.queries.breaker_instances import brought_up_to, find_instances, list_transitions
from collector.queries.breaker_rows import (
    LATE_NS,
    NO_CALLS,
    OPEN,
    Heard,
    Keeps,
    attention,
    details,
    states_of_late,
    summary,
)
from collector.queries.breaker_traffic import calls_of_late, no_calls
from collector.queries.statements import statement
from collector.queries.time_range import TimeRange
from collector.store.engine import Row, Store


class BreakerStates:
    """Breakers as they are or were at a moment, in short; also of a part of their instances."""

    def __init__(self, heard: list[Heard], window: TimeRange, at_ns: int, limit: int) -> None:
        self._window, self._at_ns, self._limit = window, at_ns, limit
        self._known = [(one, summary(one, window, at_ns)) for one in heard]

    def rows(self, keeps: Keeps | None = None, states: Sequence[str] = ()) -> list[Row]:
        """As `list_lamps`, without what they were before; those whose state, of all instances, is among `states` if any are
        given."""
        rows = [row for one, known in self._known if (row := self._row(one, known, keeps, states))]
        return sorted(rows, key=attention)[: self._limit]

    def _row(self, heard: Heard, known: Row, keeps: Keeps | None, states: Sequence[str]) -> Row | None:
        if states and known["state"] not in states:
            return None
        part = heard.only(keeps) if keeps else heard
        if part is heard:
            return known
        return summary(part, self._window, self._at_ns) if part.instances else None


def list_breakers(
    store: Store,
    window: TimeRange,
    at_ns: int,
    stale_min_s: float,
    limit: int,
    ids: Sequence[str] = (),
    keeps: Keeps | None = None,
) -> list[Row]:
    """Breakers heard of in the window up to `at_ns`, as in the API; those that need attention first. Instances that `keeps` does
    not keep are as if they were not there."""
    found = _heard(store, window, at_ns, stale_min_s, limit, ids, keeps)
    rows = [{**summary(one, window, at_ns), **details(one, at_ns)} for one in found]
    return sorted(rows, key=attention)[:limit]


def get_breaker(
    store: Store,
    window: TimeRange,
    at_ns: int,
    stale_min_s: float,
    limit: int,
    id: str,
    keeps: Keeps | None = None,
) -> Row:
    """As in the API. Raises NotFound."""
    found = list_breakers(store, window, at_ns, stale_min_s, limit, [id], keeps)
    if not found:
        raise NotFound(f"breaker {id} was not heard of in this time range")
    return found[0]


def list_lamps(
    store: Store,
    window: TimeRange,
    at_ns: int,
    stale_min_s: float,
    limit: int,
    ids: Sequence[str] = (),
    keeps: Keeps | None = None,
) -> list[Row]:
    """As `list_breakers` in short: without instances and evidence, with states and calls of the last ten minutes."""
    heard = list(_heard(store, window, at_ns, stale_min_s, limit, ids, keeps))
    kept = {(one.id, one.instance) for each in heard for one in each.instances} if keeps else None
    traffic = calls_of_late(store, at_ns, ids, kept)
    rows = []
    for one in heard:
        row = {**summary(one, window, at_ns), "instance_count": len(one.instances)}
        row["states"] = states_of_late(one.instances, one.changes, at_ns)
        row["traffic"] = traffic.get(row["id"]) or no_calls(at_ns)
        rows.append(row)
    return sorted(rows, key=attention)[:limit]


def states_of(store: Store, window: TimeRange, at_ns: int, stale_min_s: float, limit: int) -> BreakerStates:
    """Of all breakers heard of in the window up to `at_ns`."""
    return BreakerStates(list(_heard(store, window, at_ns, stale_min_s, limit)), window, at_ns, limit)


def _heard(
    store: Store,
    window: TimeRange,
    at_ns: int,
    stale_min_s: float,
    limit: int,
    ids: Sequence[str] = (),
    keeps: Keeps | None = None,
) -> Iterator[Heard]:
    if not store.has_rollups:
        return
    openings: dict[str, list[Row]] = {}
    changes: dict[str, list[Row]] = {}
    late = TimeRange(min(window.start_ns, at_ns - LATE_NS), max(window.end_ns, at_ns + 1))
    found = find_instances(store, window, at_ns, stale_min_s, ids)  # first: states are written after all that follows
    if not found:
        return
    moves = list_transitions(store, late, ids=ids, limit=limit)
    instances = brought_up_to(found, moves, at_ns)
    bounds = {**window.minutes, "ids": list(ids)}
    calls = {(row["id"], row["instance"]): row for row in store.query(statement("breaker_calls"), bounds)}
    for one in moves:
        if one["to"] in OPEN and window.start_ns <= one["at_ns"] < window.end_ns:
            openings.setdefault(one["id"], []).append(one)
        if at_ns - LATE_NS < one["at_ns"] <= at_ns:
            changes.setdefault(one["id"], []).append(one)
    for id_, group in groupby(instances, key=lambda one: one.id):
        mine = list(group)
        counts = [calls.get((one.id, one.instance), NO_CALLS) for one in mine]
        heard = Heard(mine, counts, openings.get(id_, []), changes.get(id_, []))
        if keeps is None or (heard := heard.only(keeps)).instances:
            yield heard
