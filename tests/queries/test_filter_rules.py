"""The rules of the filter language once more, in Python: random filters must find the same spans in the engine."""

import re
from collections.abc import Iterator

import pytest
from clickhouse_connect.driver.client import Client
from filter_spans import MS, SPANS, Span, filled_engine, find
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.queries.filter_ast import And, Attribute, Expression, Not, Or, Place
from collector.queries.filter_ast import Comparison as Is
from collector.queries.filter_ast import Exists as Has
from collector.queries.filter_ast import Field as F
from collector.queries.filter_ast import OneOf as In
from collector.queries.filter_ast import Operator as Op
from collector.queries.filter_ast import Text as Words


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with filled_engine(tmp_path_factory.mktemp("filter")) as client:
        yield client


def _holds(expression: Expression, span: Span) -> bool:
    match expression:
        case And(terms):
            return all(_holds(term, span) for term in terms)
        case Or(terms):
            return any(_holds(term, span) for term in terms)
        case Not(term):
            return not _holds(term, span)
        case Words(text):
            return text.lower() in span.name.lower() or text.lower() in span.service.lower()
        case Has(where):
            return _value(where, span) is not None
        case In(where, values):
            return _value(where, span) in values
        case Is(where, operator, value):
            held = _value(where, span)
            return held is not None and _passes(held, operator, value)


def _value(where: F | Attribute, span: Span) -> str | int | None:
    match where:
        case Attribute(key, Place.ANY):
            return span.attributes.get(key, span.resource.get(key))
        case Attribute(key, place):
            return (span.attributes if place is Place.SPAN else span.resource).get(key)
        case F.DURATION:
            return span.duration_ns
        case F.STATUS:
            return span.status.lower()
        case _:
            return span.service


def _passes(held: str | int, operator: Op, value: str | int | float) -> bool:
    if isinstance(value, float):
        try:
            held = float(held)
        except ValueError:
            return False
    match operator:
        case Op.EQUAL:
            return held == value
        case Op.NOT_EQUAL:
            return held != value
        case Op.MATCHES:
            return re.search(str(value), str(held)) is not None
        case Op.NOT_MATCHES:
            return re.search(str(value), str(held)) is None
        case Op.GREATER:
            return held > value  # type: ignore[operator]
        case Op.GREATER_OR_EQUAL:
            return held >= value  # type: ignore[operator]
        case Op.LESS:
            return held < value  # type: ignore[operator]
        case Op.LESS_OR_EQUAL:
            return held <= value  # type: ignore[operator]


keys = sorted({key for span in SPANS.values() for key in {**span.attributes, **span.resource}} | {"absent"})
held_values = sorted({v for span in SPANS.values() for v in {**span.attributes, **span.resource}.values()} | {"absent"})
attributes = st.builds(Attribute, st.sampled_from(keys), st.sampled_from(Place))
numbers = st.sampled_from([0.0, 9.0, 10.0, 77.0, 500.0])
orders = st.sampled_from([Op.GREATER, Op.GREATER_OR_EQUAL, Op.LESS, Op.LESS_OR_EQUAL])
leaves = st.one_of(
    st.builds(Is, attributes, st.sampled_from([Op.EQUAL, Op.NOT_EQUAL]), st.sampled_from(held_values)),
    st.builds(Is, attributes, orders, numbers),
    st.builds(Is, attributes, st.sampled_from([Op.MATCHES, Op.NOT_MATCHES]), st.sampled_from(["^/", "a|0", "x$"])),
    st.builds(In, attributes, st.lists(st.sampled_from(held_values), min_size=1, max_size=3).map(tuple)),
    st.builds(Has, attributes),
    st.builds(Is, st.just(F.DURATION), orders, st.sampled_from([1, 5 * MS, 200 * MS])),
    st.builds(Is, st.just(F.STATUS), st.just(Op.EQUAL), st.sampled_from(["ok", "error", "unset"])),
    st.builds(Words, st.sampled_from(["PAY", "o", "select"])),
)


def _joined(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.builds(Not, inner) | st.builds(And, several) | st.builds(Or, several)


@settings(deadline=None)
@given(expression=st.recursive(leaves, _joined, max_leaves=8))
def test_random_filters_find_what_their_rules_say(engine: Client, expression: Expression) -> None:
    assert find(engine, expression) == {label for label, span in SPANS.items() if _holds(expression, span)}
