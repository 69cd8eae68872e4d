"""Writes terms of the filter language, the opposite of reading them."""

import re

from collector.queries.filter_tokens import KEYWORDS

_BARE = re.compile(r"[^\s\x00-\x1f\x7f\"'(),=!<>~]+")
_RESERVED = KEYWORDS | {"&&", "||", "*"}


def quoted(text: str) -> str:
    """`text` as a value of the language: bare where it may be, else in quotes."""
    if _BARE.fullmatch(text) and text.lower() not in _RESERVED:
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
