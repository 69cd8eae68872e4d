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
_ENOUGH = 1 / 250  # of `max_spans`: 800 of 200,000, within 8 % for what one in five of them has


@dataclass(frozen=True, slots=True)
class Look:
    """The spans looked at, as a condition with its values, and how much of everything that is."""

    condition: SqlCondition
    spans: str
    """Where they are read from, a FROM item."""
    share: float
    """Of the spans in the range, counted before the filter; 1 for all of them."""

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
    stored = store.query(statement("spans_in_minutes", digits="true"), query.window.minutes)[0]["spans"]
    buckets = max(1, _BUCKETS * max_spans // max(stored, 1))
    if buckets < _BUCKETS:
        digits = f"{buckets:02x}"
        sql, chosen = statement("spans_in_minutes", digits=part("last_digits")), {"before_digits": digits}
        some = _look(store, query, digits, store.query(sql, {**query.window.minutes, **chosen})[0]["spans"] / stored)
        answer = ask(some)
        if spans_in(answer) >= max_spans * _ENOUGH:
            return some, answer
    everything = _look(store, query, _EVERYTHING, 1.0)
    return everything, ask(everything)


def _look(store: Store, query: TraceQuery, before_digits: str, share: float) -> Look:
    condition = condition_of(store, query)
    parameters: dict[str, Any] = {**condition.parameters, **query.window.parameters, "before_digits": before_digits}
    looked_at = SqlCondition(part("looked_at", digits=part("last_digits"), condition=condition.sql), parameters)
    return Look(looked_at, sources.spans(store), share)
