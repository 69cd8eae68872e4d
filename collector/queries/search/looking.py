"""Which of the spans that match a search are looked at, so that the cost of a summary does not grow with the range.

Of a range with more than `max_spans` spans only every so manieth trace is looked at: traces are chosen by the last two
digits of their ids, which are random and the order of the table within a minute. Where that finds too little of a rare
thing, everything is looked at after all: what is rare is cheap to sum up.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from collector.queries import sources
from collector.queries.filter_sql import SqlCondition
from collector.queries.statements import part, statement
from collector.queries.traces import TraceQuery, condition_of
from collector.store.engine import Row, Store

_BUCKETS = 256
_EVERYTHING = "g"  # after every hexadecimal digit
_ENOUGH = 1 / 250  # of `max_spans`: 2,000 of 500,000, within 5 % for what one in five of them has


@dataclass(frozen=True, slots=True)
class Look:
    """The spans looked at, as a condition with its values, and how much of everything that is."""

    condition: SqlCondition
    spans: str
    """Where they are read from, a FROM item."""
    share: float
    """Of the traces in the range; 1 for all of them."""

    def scaled(self, count: int) -> int:
        """What `count` stands for; the count itself when everything was looked at."""
        return round(count / self.share)


def look(
    store: Store,
    query: TraceQuery,
    max_spans: int,
    ask: Callable[[Look], list[Row]],
    spans_in: Callable[[list[Row]], int],
) -> tuple[Look, list[Row]]:
    """The answer of `ask` to as much as `max_spans` allows. `spans_in` counts the matching spans of an answer."""
    stored = store.query(statement("spans_in_minutes"), query.window.minutes)[0]["spans"]
    buckets = max(1, _BUCKETS * max_spans // max(stored, 1))
    if buckets < _BUCKETS:
        part_of_it = _look(store, query, buckets)
        answer = ask(part_of_it)
        if spans_in(answer) >= max_spans * _ENOUGH:
            return part_of_it, answer
    everything = _look(store, query, _BUCKETS)
    return everything, ask(everything)


def _look(store: Store, query: TraceQuery, buckets: int) -> Look:
    condition = condition_of(query)
    before = f"{buckets:02x}" if buckets < _BUCKETS else _EVERYTHING
    parameters: dict[str, Any] = {**condition.parameters, **query.window.parameters, "before_digits": before}
    looked_at = SqlCondition(part("looked_at", condition=condition.sql), parameters)
    return Look(looked_at, sources.spans(store), buckets / _BUCKETS)
