"""The filter language under random input: printing and parsing are inverse, and no text is answered with a crash."""

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from collector.errors import BadRequest
from collector.queries.filter_ast import (
    And,
    Attribute,
    Comparison,
    Exists,
    Expression,
    Field,
    Not,
    OneOf,
    Operator,
    Or,
    Place,
    Text,
)
from collector.queries.filter_language import parse


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def printed(expression: Expression) -> str:
    """The filter that means `expression`."""
    match expression:
        case And(terms):
            return " ".join(_grouped(term) for term in terms)
        case Or(terms):
            return " OR ".join(_grouped(term) for term in terms)
        case Not(term):
            return f"NOT {_grouped(term)}"
        case Comparison(field, operator, value):
            return f"{_printed_field(field)}{operator}{_printed_value(value)}"
        case OneOf(field, values):
            return f"{_printed_field(field)} in ({', '.join(map(_printed_value, values))})"
        case Exists(field):
            return f"has({_printed_field(field)})"
        case Text(text):
            return quoted(text)


def _grouped(term: Expression) -> str:
    return f"({printed(term)})" if isinstance(term, And | Or) else printed(term)


def _printed_field(field: Field | Attribute) -> str:
    if isinstance(field, Field):
        return field
    return quoted(field.key) if field.place is Place.ANY else f"{field.place}.{quoted(field.key)}"


def _printed_value(value: str | int | float) -> str:
    match value:
        case str():
            return quoted(value)
        case int():
            return f"{value}ns"
        case float():
            return repr(value)


texts = st.text(max_size=8)
some_text = st.text(min_size=1, max_size=8)
attributes = st.builds(Attribute, some_text, st.sampled_from(Place))
text_fields = st.sampled_from([Field.SERVICE, Field.OPERATION, Field.SCOPE, Field.STATUS_MESSAGE])
equality = st.sampled_from([Operator.EQUAL, Operator.NOT_EQUAL])
order = st.sampled_from([Operator.GREATER, Operator.GREATER_OR_EQUAL, Operator.LESS, Operator.LESS_OR_EQUAL])
matching = st.sampled_from([Operator.MATCHES, Operator.NOT_MATCHES])
durations_ns = st.integers(0, 2**64 - 1)
kinds = st.sampled_from(["internal", "server", "client", "producer", "consumer", "unspecified"])
terms = st.one_of(
    st.builds(Text, some_text),
    st.builds(Exists, attributes | st.sampled_from([Field.EVENT, Field.SCOPE, Field.STATUS_MESSAGE])),
    st.builds(Comparison, text_fields | attributes, equality, texts),
    st.builds(Comparison, text_fields | attributes, matching, st.sampled_from(["^a|b$", r"\d+", '"', "(x)", ""])),
    st.builds(Comparison, attributes, order, texts | st.floats(allow_nan=False, allow_infinity=False)),
    st.builds(Comparison, st.just(Field.DURATION), equality | order, durations_ns),
    st.builds(Comparison, st.just(Field.KIND), equality, kinds),
    st.builds(OneOf, text_fields | attributes, st.lists(texts, min_size=1, max_size=3).map(tuple)),
    st.builds(OneOf, st.just(Field.DURATION), st.lists(durations_ns, min_size=1, max_size=3).map(tuple)),
)


def _joined(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    several = st.lists(inner, min_size=2, max_size=4).map(tuple)
    return st.builds(Not, inner) | st.builds(And, several) | st.builds(Or, several)


@given(st.recursive(terms, _joined, max_leaves=20))
def test_a_printed_filter_parses_back_to_itself(expression: Expression) -> None:
    assert parse(printed(expression)) == expression


_PIECES = [
    *"()=<>~!,\"'*\\\0 ",
    "and",
    "OR",
    "not",
    "in",
    "has(",
    "!=",
    ">=",
    "service",
    "duration",
    "200ms",
    "span.",
    "x",
]


@given(st.text(st.characters()) | st.lists(st.sampled_from(_PIECES)).map("".join))
def test_no_text_does_worse_than_a_bad_request(q: str) -> None:
    with suppress(BadRequest):
        parse(q)
