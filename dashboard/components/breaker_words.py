"""How a breaker's state is shown: a symbol and a word, never a colour alone."""

from collections.abc import Iterable, Mapping
from typing import Any

SYMBOLS: Mapping[str, str] = {
    "open": "✖ open",
    "forced_open": "✖ forced open",
    "half_open": "◐ half-open",
    "closed": "◉",
    "disabled": "◌ disabled",
    "metrics_only": "◌ metrics only",
    "unknown": "◌ ?",
}
WORDS: Mapping[str, str] = {
    "open": "Open",
    "forced_open": "Forced open",
    "half_open": "Half-open",
    "closed": "Closed",
    "disabled": "Disabled",
    "metrics_only": "Metrics only",
    "unknown": "Unknown",
}
KIND_WORDS: Mapping[str, str] = {
    "concurrency_limit open": "At its limit",
    "concurrency_limit closed": "Below its limit",
    "endpoint_ejection open": "Endpoints cut off",
    "endpoint_ejection closed": "All endpoints in use",
}
"""By kind and state, where the state's own word would mislead."""
_WORST_FIRST = tuple(SYMBOLS)


def state_word(breaker: Mapping[str, Any]) -> str:
    """What a breaker's state is called, by its kind."""
    state = str(breaker.get("state"))
    return KIND_WORDS.get(f"{breaker.get('kind')} {state}", WORDS.get(state, WORDS["unknown"]))


def worst_state(breakers: Iterable[Mapping[str, Any]]) -> str:
    """The most alarming state among several breakers; empty without any."""
    states = {str(breaker.get("state")) for breaker in breakers}
    known = {state if state in SYMBOLS else "unknown" for state in states}
    return next(
        (state for state in ("open", "forced_open", "half_open", "unknown", *_WORST_FIRST) if state in known), ""
    )
