"""The filter language of the trace search (docs/filter-language.md), for nodes and edges of the map.

    error_rate>5% or p95>1s        kind=database        breaker=open        namespace=shop not health=healthy

`parse` gives a tree; `matching` says which nodes and edges meet it.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias

from dashboard.components.graph_filter_fields import FIELDS, Facts, Mistake, field_of, operand

MAX_CHARS = 1000
_MAX_DEPTH = 30
_TOKEN = re.compile(
    r"""(?P<space>\s+)|(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<operator>!=|!~|>=|<=|[=<>~])"""
    r"""|(?P<open>\()|(?P<close>\))|(?P<comma>,)|(?P<word>[^\s\x00-\x1f\x7f"'(),=!<>~]+)""",
    re.DOTALL,
)
_KEYWORDS = {"and", "or", "not", "in"}

Test: TypeAlias = Callable[[Facts], bool]


class WrongFilter(Exception):
    """`column 9: expected a value after "="`; columns count from 1."""


@dataclass(frozen=True)
class Filter:
    """`test` tells whether an element meets the filter; `fields` are those it asks about."""

    test: Test
    fields: frozenset[str]

    def looks_at(self, what: str) -> bool:
        """A filter that names only fields of nodes looks at nodes, only of edges at edges, else at both."""
        only = {FIELDS[name].elements for name in self.fields if len(FIELDS[name].elements) == 1}
        return len(only) != 1 or what in next(iter(only))


@dataclass(frozen=True)
class _Token:
    kind: str
    source: str
    start: int

    @property
    def text(self) -> str:
        if self.kind != "string":
            return self.source
        return re.sub(rf"\\([\\{self.source[0]}])", r"\1", self.source[1:-1])

    @property
    def keyword(self) -> str | None:
        word = self.source.lower()
        return word if self.kind == "word" and word in _KEYWORDS else None


def parse(text: str) -> Filter | None:
    """The filter; None for an empty one. Raises WrongFilter."""
    if len(text) > MAX_CHARS:
        raise WrongFilter(f"{len(text)} characters are too many, at most {MAX_CHARS} are allowed")
    tokens = list(_tokens(text))
    if len(tokens) == 1:
        return None
    parser = _Parser(tokens)
    return Filter(parser.whole(), frozenset(parser.fields))


def matching(wanted: Filter | None, nodes: Mapping[str, Facts], edges: Mapping[str, Facts]) -> set[str]:
    """Ids of the nodes and edges that meet the filter; none without one."""
    if wanted is None:
        return set()
    found = {id_ for id_, facts in nodes.items() if wanted.looks_at("node") and wanted.test(facts)}
    return found | {id_ for id_, facts in edges.items() if wanted.looks_at("edge") and wanted.test(facts)}


def _tokens(text: str) -> Iterator[_Token]:
    position = 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            what = "this quote has no end" if text[position] in "\"'" else f"unexpected {text[position]!r}"
            raise WrongFilter(f"column {position + 1}: {what}")
        if found.lastgroup and found.lastgroup != "space":
            yield _Token(found.lastgroup, found.group(), position)
        position = found.end()
    yield _Token("end", "", len(text))


class _Parser:
    """A method per rule of the grammar. The last token is never taken."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._position = 0
        self._depth = 0
        self.fields: set[str] = set()

    def whole(self) -> Test:
        test = self._either()
        if self._next.kind != "end":
            raise self._wrong("a term, AND or OR")
        return test

    @property
    def _next(self) -> _Token:
        return self._tokens[self._position]

    def _take(self) -> _Token:
        token = self._next
        self._position += token.kind != "end"
        return token

    def _wrong(self, expected: str) -> WrongFilter:
        found = f', found "{self._next.source[:40]}"' if self._next.source else ""
        return WrongFilter(f"column {self._next.start + 1}: expected {expected}{found}")

    def _either(self) -> Test:
        tests = [self._all()]
        while self._next.keyword == "or":
            self._take()
            tests.append(self._all())
        return tests[0] if len(tests) == 1 else lambda facts: any(test(facts) for test in tests)

    def _all(self) -> Test:
        tests = [self._factor()]
        while True:
            if self._next.keyword == "and":
                self._take()
            elif self._next.kind not in ("word", "string", "open") or self._next.keyword in ("or", "in"):
                return tests[0] if len(tests) == 1 else lambda facts: all(test(facts) for test in tests)
            tests.append(self._factor())

    def _factor(self) -> Test:
        if self._next.keyword == "not":
            self._take()
            with self._deeper():
                test = self._factor()
            return lambda facts: not test(facts)
        if self._next.kind == "open":
            self._take()
            with self._deeper():
                test = self._either()
            self._close()
            return test
        return self._term()

    @contextmanager
    def _deeper(self) -> Iterator[None]:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise WrongFilter(f"column {self._next.start + 1}: at most {_MAX_DEPTH} levels are allowed")
        yield
        self._depth -= 1

    def _close(self) -> None:
        if self._next.kind != "close":
            raise self._wrong('")"')
        self._take()

    def _term(self) -> Test:
        if self._next.kind not in ("word", "string") or self._next.keyword:
            raise self._wrong("a term such as error_rate>5%")
        token = self._take()
        if self._next.kind == "operator":
            operator = self._take()
            return self._blaming(operator, lambda: self._compare(token, operator.source))
        following = self._next
        if following.keyword == "in":
            return self._one_of(token)
        if self._next.kind == "open" and token.source.lower() == "has":
            self._take()
            name = self._field(self._take())
            self._close()
            return lambda facts: facts.get(name) not in (None, "", ())
        self.fields.add("name")
        needle = token.text.casefold()
        return lambda facts: any(needle in str(value).casefold() for value in facts.get("text", ()))

    def _compare(self, field: _Token, operator: str) -> Test:
        name = self._field(field)
        return operand(name, operator, self._value(f'a value after "{operator}"'))

    def _one_of(self, field: _Token) -> Test:
        self._take()
        name = self._field(field)
        if self._next.kind != "open":
            raise self._wrong('"(" after "in"')
        opening = self._take()
        tests = [self._blaming(opening, lambda: operand(name, "=", self._value("a value")))]
        while self._next.kind == "comma":
            comma = self._take()
            tests.append(self._blaming(comma, lambda: operand(name, "=", self._value("a value"))))
        self._close()
        return lambda facts: any(test(facts) for test in tests)

    def _field(self, token: _Token) -> str:
        try:
            name = field_of(token.text)
        except Mistake as mistake:
            raise WrongFilter(f"column {token.start + 1}: {mistake}") from mistake
        self.fields.add(name)
        return name

    def _value(self, expected: str) -> str:
        if self._next.kind not in ("word", "string") or self._next.keyword:
            raise self._wrong(expected)
        return self._take().text

    def _blaming(self, token: _Token, build: Callable[[], Test]) -> Test:
        try:
            return build()
        except Mistake as mistake:
            raise WrongFilter(f"column {token.start + 1}: {mistake}") from mistake
