"""What can be typed next in a filter: fields and attribute keys, and the values that they have.

Names of services and operations come from the roll-ups, everything else from the newest spans of the range, so that the
cost of a keystroke is bounded. What is rarer than that is not offered, but can be typed. In a scope, they are of spans in it.
"""

from collections import Counter
from typing import Any

from collector.errors import BadRequest
from collector.queries import sources
from collector.queries.filter_ast import Attribute, Field, Place
from collector.queries.filter_text import quoted, quoted_key
from collector.queries.filter_tokens import TokenKind, tokens
from collector.queries.filter_values import CHOICES, Mistake, field_named, operators_of
from collector.queries.scope import EVERYTHING, Scope, named_of_namespace
from collector.queries.statements import part, statement
from collector.queries.time_range import TimeRange
from collector.store.engine import Row, Store

_LONGEST_BYTES = 300
_COLUMNS = {
    Field.SERVICE: "ServiceName",
    Field.OPERATION: "SpanName",
    Field.STATUS_MESSAGE: "StatusMessage",
    Field.SCOPE: "ScopeName",
    Field.EVENT: "`Events.Name`",
}
_KEYS = "mapKeys(SpanAttributes) AS on_span, mapKeys(ResourceAttributes) AS on_resource"


def find_keys(
    store: Store, window: TimeRange, text: str, limit: int, max_spans: int, scope: Scope = EVERYTHING
) -> list[Row]:
    """Fields, then attribute keys of recent spans, that have `text` in their name: first those that begin with it, then the
    most frequent."""
    recent = _recent(store, _KEYS)
    bounds = {**window.minutes, "max_spans": max_spans, **_within(store, window, scope)}
    rows = store.query(statement("attribute_keys", recent=recent), bounds)
    spans: Counter[str] = Counter()
    places: dict[str, set[Place]] = {}
    for row in rows:
        for place, keys in ((Place.SPAN, row["on_span"]), (Place.RESOURCE, row["on_resource"])):
            spans.update(dict.fromkeys(keys, row["spans"]))
            for key in keys:
                places.setdefault(key, set()).add(place)
    found = [_field(field) for field in Field if text.lower() in field]
    named = [key for key in spans if text.lower() in key.lower() and key]
    named.sort(key=lambda key: (not key.lower().startswith(text.lower()), -spans[key], key))
    return [*found, *(_attribute(key, spans[key], places[key]) for key in named)][:limit]


def find_values(
    store: Store, window: TimeRange, key: str, text: str, limit: int, max_spans: int, scope: Scope = EVERYTHING
) -> list[Row]:
    """Values of a field or attribute, named as in the filter language, that have `text` in them. Raises BadRequest."""
    field = _named(key)
    if isinstance(field, Field) and field in CHOICES:
        return [_value(choice, None) for choice in CHOICES[field] if text.lower() in choice][:limit]
    if isinstance(field, Field) and field not in _COLUMNS:
        return []
    asked = {**window.minutes, "text": text, "limit": limit, **_within(store, window, scope)}
    if field in (Field.SERVICE, Field.OPERATION) and store.has_rollups:
        words = {"column": _COLUMNS[Field(field)], "operations": sources.operations(store)}
        return [_value(**row) for row in store.query(statement("names_of_operations", **words), asked)]
    sql = statement("attribute_values", recent=_recent(store, f"{_values(field)} AS found"))
    bounds: dict[str, Any] = {"max_spans": max_spans, "max_bytes": _LONGEST_BYTES}
    if isinstance(field, Attribute):
        bounds["key"] = field.key
    return [_value(**row) for row in store.query(sql, {**asked, **bounds})]


def _recent(store: Store, columns: str) -> str:
    return part("recent_spans", columns=columns, environment=sources.environment(store), is_named=part("is_named"))


def _within(store: Store, window: TimeRange, scope: Scope) -> dict[str, Any]:
    return {"environment": scope.environment, **named_of_namespace(store, window, scope)}


def _named(key: str) -> Field | Attribute:
    found = list(tokens(key))
    if len(found) != 2 or found[0].kind not in (TokenKind.WORD, TokenKind.STRING, TokenKind.SCOPED):
        raise BadRequest("key: expected one field or attribute, as in the filter language")
    try:
        return field_named(found[0])
    except Mistake as mistake:
        raise BadRequest(f"key: {mistake}") from mistake


def _values(field: Field | Attribute) -> str:
    if isinstance(field, Field):
        return _COLUMNS[field] if field is Field.EVENT else f"[{_COLUMNS[field]}]"
    own, other = "SpanAttributes[{key:String}]", "ResourceAttributes[{key:String}]"
    match field.place:
        case Place.SPAN:
            return f"[{own}]"
        case Place.RESOURCE:
            return f"[{other}]"
        case Place.ANY:
            return f"[if(mapContains(SpanAttributes, {{key:String}}), {own}, {other})]"


def _field(field: Field) -> Row:
    return {"name": field.value, "text": field.value, "kind": "field", "spans": None, "operators": _operators(field)}


def _attribute(key: str, spans: int, places: set[Place]) -> Row:
    kind = "resource" if places == {Place.RESOURCE} else "span"
    operators = _operators(Attribute(key))
    return {"name": key, "text": quoted_key(key), "kind": kind, "spans": spans, "operators": operators}


def _operators(field: Field | Attribute) -> list[str]:
    return [str(operator) for operator in operators_of(field)]


def _value(value: str, spans: int | None) -> dict[str, Any]:
    return {"value": value, "text": quoted(value), "spans": spans}
