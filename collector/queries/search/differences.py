"""What differs: the values that a selection of the matching spans has more often than the rest of them."""

import math
from collections import Counter
from dataclasses import dataclass
from typing import Any

from collector.errors import BadRequest
from collector.queries.filter_language import parse
from collector.queries.filter_sql import SqlCondition, to_sql
from collector.queries.filter_text import quoted, quoted_key
from collector.queries.search.looking import Look, look
from collector.queries.statements import statement
from collector.queries.traces import TraceQuery
from collector.store.engine import Row, Store

_COMPARED = 1 / 8  # of `max_spans`, on either side: their attributes are taken apart, some 20 rows of a span
_VALUES_OF_A_KEY = 3
_LONGEST_BYTES = 300
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Selection:
    """A part of the spans that match a search: a filter, and bounds of start and duration, [from, to)."""

    q: str = ""
    start_ns: int | None = None
    end_ns: int | None = None
    min_duration_ns: int | None = None
    max_duration_ns: int | None = None


def find_differences(
    store: Store, query: TraceQuery, selection: Selection, limit: int, max_spans: int
) -> dict[str, Any]:
    """{share, selected, rest, differences}: at most `limit`, the greatest first. Raises BadRequest where nothing is selected."""
    chosen = _condition(selection)

    def count(looked: Look) -> list[Row]:
        sql = statement("selected_spans", spans=looked.spans, looked_at=looked.condition.sql, selected=chosen.sql)
        return store.query(sql, {**looked.condition.parameters, **chosen.parameters})

    looked, counted = look(store, query, max_spans, count, lambda rows: rows[0]["selected"] * 10)
    selected, rest = counted[0]["selected"], counted[0]["rest"]
    compared = _compare(store, looked, chosen, counted[0], round(max_spans * _COMPARED)) if selected and rest else []
    return {
        "share": looked.share,
        "selected": looked.scaled(selected),
        "rest": looked.scaled(rest),
        "differences": ranked(compared, limit),
    }


def _condition(selection: Selection) -> SqlCondition:
    filtered = to_sql(_parsed(selection.q), prefix="selection") if selection.q.strip() else SqlCondition("1", {})
    clauses, parameters = [f"({filtered.sql})"], dict(filtered.parameters)
    for clause, name, value in (
        ("Timestamp >= fromUnixTimestamp64Nano({selected_from_ns:Int64})", "selected_from_ns", selection.start_ns),
        ("Timestamp < fromUnixTimestamp64Nano({selected_to_ns:Int64})", "selected_to_ns", selection.end_ns),
        ("Duration >= {selected_min_ns:UInt64}", "selected_min_ns", selection.min_duration_ns),
        ("Duration < {selected_max_ns:UInt64}", "selected_max_ns", selection.max_duration_ns),
    ):
        if value is not None:
            clauses.append(clause)
            parameters[name] = value
    if not selection.q.strip() and len(clauses) == 1:
        raise BadRequest("selection: nothing is selected; give a filter, or bounds such as selection_min_duration=1s")
    return SqlCondition(f"({' AND '.join(clauses)})", parameters)


def _parsed(q: str) -> Any:
    try:
        return parse(q)
    except BadRequest as error:
        raise BadRequest(str(error).replace("q:", "selection:", 1)) from error


def _compare(store: Store, looked: Look, chosen: SqlCondition, counted: Row, most: int) -> list[Row]:
    words = {"spans": looked.spans, "looked_at": looked.condition.sql, "selected": chosen.sql}
    bounds = {
        f"{side}_in_million": min(_MILLION, -(-_MILLION * most // counted[side])) for side in ("selected", "rest")
    }
    expected = {f"{side}_spans": max(1.0, min(counted[side], most)) for side in ("selected", "rest")}
    parameters = {**looked.condition.parameters, **chosen.parameters, **bounds, **expected}
    return store.query(statement("selection_values", **words), {**parameters, "max_bytes": _LONGEST_BYTES})


def ranked(rows: list[Row], limit: int) -> list[Row]:
    """Rows {place, name, value, selected, rest}, of which the one without a name counts all spans, as differences."""
    if not rows or rows[0]["name"]:
        return []
    of_selected, of_rest = rows[0]["selected"], rows[0]["rest"]
    found = [_difference(row, of_selected, of_rest) for row in rows[1:] if row["name"]]
    found = sorted((one for one in found if one["score"] > 0), key=lambda one: (-one["score"], one["term"]))
    values: Counter[str] = Counter()
    kept = []
    for one in found:
        values[one["key"]] += 1
        if values[one["key"]] <= _VALUES_OF_A_KEY:
            kept.append(one)
    return kept[:limit]


def _difference(row: Row, of_selected: int, of_rest: int) -> Row:
    key = row["name"] if row["place"] == "field" else quoted_key(row["name"])
    return {
        "key": row["name"],
        "value": row["value"],
        "term": f"{key}={quoted(row['value'])}",
        "selected": row["selected"] / max(of_selected, 1),
        "rest": row["rest"] / max(of_rest, 1),
        "score": certain_difference(row["selected"], of_selected, row["rest"], of_rest),
    }


def certain_difference(some: int, of_some: int, others: int, of_others: int) -> float:
    """The lower end of the 95 % interval of the difference of two shares, as Agresti and Caffo give it: what a handful of
    spans have in common by chance does not come first."""
    share, other_share = (some + 1) / (of_some + 2), (others + 1) / (of_others + 2)
    variance = share * (1 - share) / (of_some + 2) + other_share * (1 - other_share) / (of_others + 2)
    return share - other_share - 1.96 * math.sqrt(variance)
