"""Writes terms of the filter language, the opposite of reading them."""

import re

from collector.queries.filter_ast import Field
from collector.queries.filter_tokens import KEYWORDS

_BARE = re.compile(r"[^\s\x00-\x1f\x7f\"'(),=!<>~]+")
_RESERVED = KEYWORDS | {"&&", "||", "*"}
_NOT_ATTRIBUTES = {*Field, "name", "has"}
_SCOPES = ("span.", "resource.")


def quoted(text: str) -> str:
    """`text` as a value of the language: bare where it may be, else in quotes."""
    return text if _BARE.fullmatch(text) and text.lower() not in _RESERVED else _in_quotes(text)


def quoted_key(key: str) -> str:
    """An attribute's key: in quotes where a bare one would be something else."""
    low = key.lower()
    if low in _NOT_ATTRIBUTES or low.startswith(_SCOPES):
        return _in_quotes(key)
    return quoted(key)


def _in_quotes(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
