r"""Finds mistakes in a regular expression before the engine sees it. The engine's dialect is RE2.

The check is conservative: what it refuses, RE2 refuses too, or the engine would read only the start of (after a NUL or
an unopened parenthesis it stops without a word). A few mistakes pass, such as `[z-a]` or repetitions that expand to too
much: the engine refuses those itself (CANNOT_COMPILE_REGEXP, code 427).
"""

import re

_TOKEN = re.compile(
    r"""
      (?P<literal>\\Q.*?(?:\\E|\Z))
    | (?P<escape>\\(?:[pP](?:\{\^?\w+\}|\w)|x(?:\{[0-9a-fA-F]+\}|[0-9a-fA-F]{2})|[1-7][0-7]+
                     |[0abdfnrstvwzABCDSW]|[^a-zA-Z0-9\x80-\U0010ffff]))
    | (?P<bad_escape>\\.?)
    | (?P<set>\[\^?\]?+(?:\\.|\[:\^?\w+:\]|[^\]\\])*+\])
    | (?P<bad_set>\[)
    | (?P<flags>\(\?[imsU]*(?:-[imsU]+)?\))
    | (?P<open>\((?:\?(?:P?<\w+>|[imsU]*(?:-[imsU]+)?:)|(?!\?)))
    | (?P<bad_open>\(\?(?:<[=!]|P=|.)?)
    | (?P<close>\))
    | (?P<bar>\|)
    | (?P<repeat>(?:[*+?]|\{(?P<least>[0-9]+)(?:,(?P<most>[0-9]*))?\})\??)
    | (?P<atom>.)
    """,
    re.VERBOSE | re.DOTALL,
)
# What people bring from other dialects, by name.
_FOREIGN_GROUPS = {
    "(?=": "look-ahead",
    "(?!": "look-ahead",
    "(?<=": "look-behind",
    "(?<!": "look-behind",
    "(?P=": "back-reference",
    "(?>": "atomic group",
    "(?#": "comment",
}
_MAX_REPEAT = 1000


def regex_complaint(pattern: str) -> str | None:
    """What is wrong with `pattern`, or None when nothing was found."""
    if "\0" in pattern:
        return r"a NUL character must be written as \x00"
    depth = 0
    has_operand = False  # there is something since the last "(" or "|" that a repetition could repeat
    previous: str | None = None
    for token in _TOKEN.finditer(pattern):
        kind = token.lastgroup
        complaint = _complaint(kind, token)
        if kind == "repeat" and not has_operand:
            complaint = f'"{token.group()}" has nothing to repeat'
        elif kind == previous == "repeat":
            complaint = f'"{token.group()}" repeats a repetition'
        elif kind == "close" and depth == 0:
            complaint = r'a ")" without its "("; write \) for the character itself'
        if complaint:
            return complaint
        depth += (kind == "open") - (kind == "close")
        has_operand = kind not in ("open", "bar") and (has_operand or kind != "flags")
        previous = kind
    return r'a "(" without its ")"; write \( for the character itself' if depth else None


def _complaint(kind: str | None, token: re.Match[str]) -> str | None:
    source = token.group()
    match kind:
        case "bad_escape" if source == "\\":
            return r"a backslash at the end; write \\ for the character itself"
        case "bad_escape" if source[1] in "123456789":
            return f'the back-reference "{source}" is not supported'
        case "bad_escape":
            return f'the escape "{source}" is not supported'
        case "bad_set":
            return r'a "[" without its "]"; write \[ for the character itself'
        case "bad_open":
            return f'the {_FOREIGN_GROUPS.get(source, "group")} "{source}" is not supported'
        case "repeat":
            return _repeat_complaint(token)
        case _:
            return None


def _repeat_complaint(token: re.Match[str]) -> str | None:
    least, most = token["least"], token["most"]
    if least is None:
        return None
    if max(int(least), int(most or 0)) > _MAX_REPEAT:
        return f'"{token.group()}" repeats more than {_MAX_REPEAT} times'
    if most and int(most) < int(least):
        return f'"{token.group()}" has its limits in the wrong order'
    return None
