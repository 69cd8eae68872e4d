"""Cuts a filter into words, quoted strings, operators and punctuation."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from collector.errors import BadRequest

KEYWORDS = frozenset({"and", "or", "not", "in"})


class TokenKind(StrEnum):
    WORD = "WORD"
    STRING = "STRING"
    SCOPED = "SCOPED"  # span."some key" or resource."some key"
    OPERATOR = "OPERATOR"
    OPEN = "OPEN"
    CLOSE = "CLOSE"
    COMMA = "COMMA"
    END = "END"


@dataclass(frozen=True, slots=True)
class Token:
    """`source` is what was typed, `start` and `end` its 0-based place in the filter: [start, end)."""

    kind: TokenKind
    source: str
    start: int
    end: int

    @property
    def column(self) -> int:
        return self.start + 1

    @property
    def keyword(self) -> str | None:
        """The keyword in lower case, or None for anything else."""
        word = self.source.lower()
        return word if self.kind is TokenKind.WORD and word in KEYWORDS else None

    @property
    def text(self) -> str:
        """What the token stands for: a string without its quotes and escapes, a scoped key without its scope."""
        match self.kind:
            case TokenKind.STRING:
                return _unquoted(self.source)
            case TokenKind.SCOPED:
                return _unquoted(self.source.partition(".")[2])
            case _:
                return self.source


_STRING = r'"(?:[^"\\]|\\.)*"' + r"|'(?:[^'\\]|\\.)*'"
_TOKEN = re.compile(
    rf"""
      (?P<SPACE>\s+)
    | (?P<SCOPED>(?ai:span|resource)\.(?:{_STRING}))
    | (?P<STRING>{_STRING})
    | (?P<OPERATOR>!=|!~|>=|<=|[=<>~])
    | (?P<OPEN>\()
    | (?P<CLOSE>\))
    | (?P<COMMA>,)
    | (?P<WORD>[^\s\x00-\x1f\x7f"'(),=!<>~]+)
    """,
    re.VERBOSE | re.DOTALL,
)
_OPERANDS = (TokenKind.WORD, TokenKind.STRING, TokenKind.SCOPED)
_SHOWN_CHARS = 40


def wrong_at(column: int, message: str) -> BadRequest:
    """`column` counts characters from 1."""
    return BadRequest(f"q: column {column}: {message}")


def shown(text: str) -> str:
    """`text` in quotes and of bearable length, for an error message."""
    return f'"{text}"' if len(text) <= _SHOWN_CHARS else f'"{text[:_SHOWN_CHARS]}…"'


def tokens(q: str) -> Iterator[Token]:
    """All tokens of `q` in order, the last of kind END. Raises BadRequest at the first character that fits nowhere."""
    position, previous = 0, Token(TokenKind.OPEN, "", 0, 0)
    while position < len(q):
        found = _TOKEN.match(q, position)
        if found is None:
            raise wrong_at(position + 1, _complaint(q[position]))
        position = found.end()
        if found.lastgroup is None or found.lastgroup == "SPACE":
            continue
        token = Token(TokenKind(found.lastgroup), found.group(), found.start(), found.end())
        if token.kind in _OPERANDS and previous.kind in _OPERANDS and token.start == previous.end:
            raise wrong_at(token.column, f"expected a space before {shown(token.source)}")
        yield token
        previous = token
    yield Token(TokenKind.END, "", len(q), len(q))


def _complaint(character: str) -> str:
    if character in "\"'":
        return f"the quote {character} that starts here has no end"
    if character == "!":
        return 'unexpected "!"; write NOT before a term, or != or !~ between a field and a value'
    return f"unexpected control character U+{ord(character):04X}; put it in quotes"


def _unquoted(string: str) -> str:
    r"""A backslash counts only before the string's own quote or another backslash, so that "\d+" needs no doubling."""
    quote = string[0]
    return re.sub(rf"\\([\\{quote}])", r"\1", string[1:-1])
