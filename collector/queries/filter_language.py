"""The filter language of the trace search: `service=cart status=error http.route="/pay/{id}" duration>200ms`.

    expression  = conjunction ("OR" conjunction)*
    conjunction = factor (["AND"] factor)*
    factor      = "NOT" factor | "(" expression ")" | term
    term        = field operator value | field "in" "(" value ("," value)* ")" | "has" "(" field ")" | text

docs/filter-language.md says what each term means. `filter_sql.to_sql` turns the tree into a condition.
"""

from collections.abc import Iterator
from contextlib import contextmanager

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
    Text,
)
from collector.queries.filter_tokens import Token, TokenKind, shown, tokens, wrong_at
from collector.queries.filter_values import Mistake, check_can_be_absent, check_operator, field_named, value_of

MAX_CHARS = 4000
MAX_TERMS = 100  # each value of an `in` list counts as one
MAX_DEPTH = 50

_A_TERM = "a term such as service=cart"
_OTHER_LANGUAGES = {"&&": "AND", "||": "OR"}
_SEARCH_HINT = "; put the word in quotes to search for it"
_QUOTE_HINT = "; put a value that contains it in quotes"
_KEYWORD_HINTS: dict[str | None, str] = {
    "and": _SEARCH_HINT,
    "or": _SEARCH_HINT,
    "in": "; write field in (a, b) or NOT field in (a, b)",
}
_FIELD_KINDS = (TokenKind.WORD, TokenKind.STRING, TokenKind.SCOPED)
_VALUE_KINDS = (TokenKind.WORD, TokenKind.STRING)


def parse(q: str) -> Expression:
    """Raises BadRequest, also for an empty `q`, that names the column (from 1) of the mistake and what was expected."""
    if len(q) > MAX_CHARS:
        raise BadRequest(f"q: {len(q)} characters are too many, at most {MAX_CHARS} are allowed")
    for index, character in enumerate(q):
        if "\ud800" <= character <= "\udfff":
            raise wrong_at(index + 1, f"U+{ord(character):04X} is half of a character, not text")
    return _Parser(list(tokens(q))).parse()


class _Parser:
    """A method per rule of the grammar. The last token, END, is never taken."""

    def __init__(self, all_tokens: list[Token]) -> None:
        self._tokens = all_tokens
        self._position = 0
        self._terms = 0
        self._depth = 0

    def parse(self) -> Expression:
        expression = self._expression(_A_TERM)
        if self._peek().kind is TokenKind.CLOSE:
            raise wrong_at(self._peek().column, 'this ")" has no "("')
        if self._peek().kind is not TokenKind.END:
            raise self._unexpected("a term, AND or OR")
        return expression

    def _peek(self, ahead: int = 0) -> Token:
        return self._tokens[min(self._position + ahead, len(self._tokens) - 1)]

    def _take(self) -> Token:
        token = self._peek()
        self._position += 1
        return token

    def _unexpected(self, expected: str, hint: str = "") -> BadRequest:
        found = "" if self._peek().kind is TokenKind.END else f", found {shown(self._peek().source)}"
        return wrong_at(self._peek().column, f"expected {expected}{found}{hint}")

    def _expression(self, expected: str) -> Expression:
        terms = [self._conjunction(expected)]
        while self._peek().keyword == "or":
            terms.append(self._conjunction(f'a term after "{self._take().source}"'))
        return terms[0] if len(terms) == 1 else Or(tuple(terms))

    def _conjunction(self, expected: str) -> Expression:
        terms = [self._factor(expected)]
        while True:
            if self._peek().keyword == "and":
                terms.append(self._factor(f'a term after "{self._take().source}"'))
            elif self._peek().kind in (*_FIELD_KINDS, TokenKind.OPEN) and self._peek().keyword in (None, "not"):
                terms.append(self._factor(_A_TERM))
            elif self._peek().kind is TokenKind.OPERATOR:
                raise self._unexpected("a term, AND or OR", _QUOTE_HINT)
            else:
                return terms[0] if len(terms) == 1 else And(tuple(terms))

    def _factor(self, expected: str) -> Expression:
        if self._peek().keyword == "not":
            with self._nested():
                return Not(self._factor(f'a term after "{self._take().source}"'))
        if self._peek().kind is TokenKind.OPEN:
            with self._nested():
                return self._group()
        return self._term(expected)

    @contextmanager
    def _nested(self) -> Iterator[None]:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise wrong_at(self._peek().column, f"nested too deeply, at most {MAX_DEPTH} levels are allowed")
        yield
        self._depth -= 1

    def _group(self) -> Expression:
        opening = self._take()
        expression = self._expression('a term after "("')
        self._close(opening)
        return expression

    def _close(self, opening: Token) -> None:
        if self._peek().kind is not TokenKind.CLOSE:
            raise self._unexpected(f'")" to close the "(" of column {opening.column}')
        self._take()

    def _term(self, expected: str) -> Expression:
        self._count_term()
        if self._peek().kind is TokenKind.OPERATOR:
            raise self._unexpected(f"a field before {shown(self._peek().source)}")
        if self._peek().keyword or self._peek().kind not in _FIELD_KINDS:
            raise self._unexpected(expected, _KEYWORD_HINTS.get(self._peek().keyword, ""))
        if self._peek(1).kind is TokenKind.OPERATOR:
            return self._comparison()
        if self._peek(1).keyword == "in":
            return self._one_of()
        if self._peek(1).kind is TokenKind.OPEN and self._peek().source.lower() == "has":
            return self._exists()
        return self._text()

    def _count_term(self) -> None:
        self._terms += 1
        if self._terms > MAX_TERMS:
            raise wrong_at(self._peek().column, f"too many terms, at most {MAX_TERMS} are allowed")

    def _comparison(self) -> Expression:
        field = self._field()
        operator = Operator(self._peek().source)
        with self._blaming_next():
            check_operator(field, operator)
        self._take()
        return Comparison(field, operator, self._value(field, operator, f'a value after "{operator}"'))

    def _one_of(self) -> Expression:
        field = self._field()
        word = self._take().source
        if self._peek().kind is not TokenKind.OPEN:
            raise self._unexpected(f'"(" after "{word}"')
        opening = self._take()
        values = [self._value(field, Operator.EQUAL, 'a value after "("')]
        while self._peek().kind is TokenKind.COMMA:
            self._take()
            self._count_term()
            values.append(self._value(field, Operator.EQUAL, 'a value after ","'))
        if self._peek().kind in _VALUE_KINDS:
            raise self._unexpected('"," or ")"')
        self._close(opening)
        return OneOf(field, tuple(values))

    def _exists(self) -> Expression:
        self._take()
        opening = self._take()
        if self._peek().kind not in _FIELD_KINDS:
            raise self._unexpected('a field after "("')
        column = self._peek().column
        field = self._field()
        try:
            check_can_be_absent(field)
        except Mistake as mistake:
            raise wrong_at(column, str(mistake)) from mistake
        self._close(opening)
        return Exists(field)

    def _text(self) -> Expression:
        token = self._peek()
        if token.kind is TokenKind.SCOPED:
            raise wrong_at(token.end + 1, f"expected an operator after {token.source}")
        if not token.text:
            raise wrong_at(token.column, "expected some text between the quotes")
        if token.source in _OTHER_LANGUAGES:
            raise wrong_at(token.column, f'unexpected "{token.source}"; write {_OTHER_LANGUAGES[token.source]}')
        self._take()
        if self._peek().kind is TokenKind.OPEN and self._peek().start == token.end:
            raise wrong_at(token.column, f"unknown function {shown(token.source)}; the only one is has(field)")
        return Text(token.text)

    def _field(self) -> Field | Attribute:
        with self._blaming_next():
            field = field_named(self._peek())
        self._take()
        return field

    def _value(self, field: Field | Attribute, operator: Operator, expected: str) -> str | int | float:
        token = self._peek()
        if token.keyword:
            raise self._unexpected(expected, "; put the word in quotes to use it as a value")
        if token.kind not in _VALUE_KINDS:
            raise self._unexpected(expected, _QUOTE_HINT if token.kind is TokenKind.OPEN else "")
        if token.source == "*":
            raise self._unexpected(expected, '; write has(field) for "is there", or quote the star')
        with self._blaming_next():
            value = value_of(field, operator, token)
        self._take()
        if self._peek().kind is TokenKind.OPEN and self._peek().start == token.end:
            raise self._unexpected("a space", _QUOTE_HINT)
        return value

    @contextmanager
    def _blaming_next(self) -> Iterator[None]:
        """A Mistake inside is one of the next token."""
        try:
            yield
        except Mistake as mistake:
            raise wrong_at(self._peek().column, str(mistake)) from mistake
