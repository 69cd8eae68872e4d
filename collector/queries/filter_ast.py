"""What a filter means once parsed: a tree of small frozen values. `filter_language.parse` makes it."""

from dataclasses import dataclass
from enum import StrEnum


class Field(StrEnum):
    """The names that stand for a property of the span itself; every other name is an attribute."""

    SERVICE = "service"
    OPERATION = "operation"
    KIND = "kind"
    STATUS = "status"
    STATUS_MESSAGE = "status_message"
    DURATION = "duration"
    TRACE_ID = "trace_id"
    SPAN_ID = "span_id"
    SCOPE = "scope"
    EVENT = "event"
    ROOT = "root"


class Operator(StrEnum):
    EQUAL = "="
    NOT_EQUAL = "!="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="
    LESS = "<"
    LESS_OR_EQUAL = "<="
    MATCHES = "~"
    NOT_MATCHES = "!~"


class Place(StrEnum):
    """Where an attribute is looked up. ANY: on the span, and on its resource if the span has no such attribute."""

    ANY = "any"
    SPAN = "span"
    RESOURCE = "resource"


@dataclass(frozen=True, slots=True)
class Attribute:
    key: str
    place: Place = Place.ANY


@dataclass(frozen=True, slots=True)
class Comparison:
    """`value` is an int (nanoseconds) for a duration, a float for an attribute compared as a number, else text."""

    field: Field | Attribute
    operator: Operator
    value: str | int | float


@dataclass(frozen=True, slots=True)
class OneOf:
    """Equal to any of `values`, which are as in a Comparison with EQUAL; never empty."""

    field: Field | Attribute
    values: tuple[str | int | float, ...]


@dataclass(frozen=True, slots=True)
class Exists:
    field: Field | Attribute


@dataclass(frozen=True, slots=True)
class Text:
    """`text`, never empty, is part of the operation or of the service name, whatever the case of its letters."""

    text: str


@dataclass(frozen=True, slots=True)
class Not:
    term: "Expression"


@dataclass(frozen=True, slots=True)
class And:
    terms: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Or:
    terms: tuple["Expression", ...]


Expression = Comparison | OneOf | Exists | Text | Not | And | Or
