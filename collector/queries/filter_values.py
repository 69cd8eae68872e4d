"""Which operators a field of the filter language takes, and what its values may be."""

import math
import re
from decimal import Decimal

from collector.queries.filter_ast import Attribute, Field, Operator, Place
from collector.queries.filter_regex import regex_complaint
from collector.queries.filter_tokens import Token, TokenKind, shown

_FIELDS = {field.value: field for field in Field} | {"name": Field.OPERATION}
_ORDER = (Operator.GREATER, Operator.GREATER_OR_EQUAL, Operator.LESS, Operator.LESS_OR_EQUAL)
_MATCH = (Operator.MATCHES, Operator.NOT_MATCHES)
_EQUAL = (Operator.EQUAL, Operator.NOT_EQUAL)
# A span has many events, so that `event!=x` could mean two things; NOT event=x says which.
_OPERATORS = {
    Field.SERVICE: _EQUAL + _MATCH,
    Field.OPERATION: _EQUAL + _MATCH,
    Field.KIND: _EQUAL,
    Field.STATUS: _EQUAL,
    Field.STATUS_MESSAGE: _EQUAL + _MATCH,
    Field.DURATION: _EQUAL + _ORDER,
    Field.TRACE_ID: _EQUAL + _MATCH,
    Field.SPAN_ID: _EQUAL + _MATCH,
    Field.SCOPE: _EQUAL + _MATCH,
    Field.EVENT: (Operator.EQUAL, Operator.MATCHES),
    Field.ROOT: _EQUAL,
}
_CAN_BE_ABSENT = (Field.EVENT, Field.SCOPE, Field.STATUS_MESSAGE)
CHOICES = {
    Field.KIND: ("internal", "server", "client", "producer", "consumer", "unspecified"),
    Field.STATUS: ("unset", "ok", "error"),
    Field.ROOT: ("true", "false"),
}
_ID_DIGITS = {Field.TRACE_ID: 32, Field.SPAN_ID: 16}
_UNIT_NS = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,  # U+00B5, the micro sign
    "μs": 10**3,  # U+03BC, the Greek letter
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
    "": 10**6,
}
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ns|us|µs|μs|ms|s|m|h|)")
_MAX_DURATION_NS = 2**64 - 1
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


class Mistake(Exception):
    """What is wrong with one token; the parser adds where it stands."""


def field_named(token: Token) -> Field | Attribute:
    """A quoted name is always an attribute. Raises Mistake for an attribute without a name."""
    if not token.text or token.source.lower() in ("span.", "resource."):
        raise Mistake("expected the name of an attribute")
    if token.kind is TokenKind.STRING:
        return Attribute(token.text)
    place, _, key = token.source.partition(".")
    if place.lower() in (Place.SPAN, Place.RESOURCE) and key:
        return Attribute(token.text if token.kind is TokenKind.SCOPED else key, Place(place.lower()))
    return _FIELDS.get(token.source.lower()) or Attribute(token.source)


def operators_of(field: Field | Attribute) -> tuple[Operator, ...]:
    """Those that `field` takes."""
    return tuple(Operator) if isinstance(field, Attribute) else _OPERATORS[field]


def check_operator(field: Field | Attribute, operator: Operator) -> None:
    """Raises Mistake unless `field` takes `operator`."""
    if isinstance(field, Attribute) or operator in operators_of(field):
        return
    hint = "; write NOT before the term to negate it" if field is Field.EVENT else ""
    raise Mistake(f'{field} does not take "{operator}", only {" ".join(_OPERATORS[field])} in{hint}')


def check_can_be_absent(field: Field | Attribute) -> None:
    """Raises Mistake if every span has `field`, so that has(field) would say nothing."""
    if isinstance(field, Field) and field not in _CAN_BE_ABSENT:
        raise Mistake(f"every span has a {field}; has() takes an attribute, event, scope or status_message")


def value_of(field: Field | Attribute, operator: Operator, token: Token) -> str | int | float:
    """The value as a Comparison holds it. Raises Mistake for one that the field or the operator cannot use."""
    text = token.text
    if operator in _MATCH:
        return _regex(text)
    match field:
        case Attribute():
            quoted = token.kind is TokenKind.STRING
            return text if quoted or operator in _EQUAL else _number(text, operator)
        case Field.DURATION:
            return _duration_ns(text)
        case Field.KIND | Field.STATUS | Field.ROOT:
            return _choice(field, text)
        case Field.TRACE_ID | Field.SPAN_ID:
            return _id(field, text)
        case _:
            return text


def _regex(pattern: str) -> str:
    if complaint := regex_complaint(pattern):
        raise Mistake(f"the regular expression {shown(pattern)}: {complaint}")
    return pattern


def _number(text: str, operator: Operator) -> float:
    number = float(text) if _NUMBER.fullmatch(text) else math.nan
    if not math.isfinite(number):
        raise Mistake(f'expected a number after "{operator}", found {shown(text)}; put it in quotes to compare as text')
    return number


def _duration_ns(text: str) -> int:
    found = _DURATION.fullmatch(text)
    if found is None:
        raise Mistake(f"{shown(text)} is not a duration; expected one such as 200ms, 1.5s or 2m (units ns us ms s m h)")
    duration_ns = Decimal(found[1]) * _UNIT_NS[found[2]]
    if duration_ns > _MAX_DURATION_NS:
        raise Mistake(f"{shown(text)} is too long; the longest duration is {_MAX_DURATION_NS}ns")
    if duration_ns != int(duration_ns):
        raise Mistake(f"{shown(text)} is finer than one nanosecond")
    return int(duration_ns)


def _choice(field: Field, text: str) -> str:
    if text.lower() not in CHOICES[field]:
        raise Mistake(f"{shown(text)} is not a {field}; expected one of {', '.join(CHOICES[field])}")
    return text.lower()


def _id(field: Field, text: str) -> str:
    digits = _ID_DIGITS[field]
    if re.fullmatch(rf"[0-9a-fA-F]{{{digits}}}", text) is None:
        raise Mistake(f"{shown(text)} is not a {field}; expected {digits} hexadecimal digits")
    return text.lower()
