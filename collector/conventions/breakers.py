"""What breakers say of themselves: the words for states, and the shapes in which dialects are written down.

No OpenTelemetry convention for circuit breakers exists, so every library has its own metrics, events and errors. A dialect
is an entry of `breaker_dialects.DIALECTS`: how its metrics, records and errors are recognised and what they mean. A new
dialect is a new entry; the rules that evaluate entries are few and do not know any library.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

STATES = ("closed", "open", "half_open", "forced_open", "disabled", "metrics_only", "unknown")
SERVICE_ORDER = ("forced_open", "open", "half_open", "closed", "metrics_only", "disabled", "unknown")
"""A breaker's state for a service is the first of these that one of its instances has."""

_WORDS = {
    **dict.fromkeys(("closed", "close"), "closed"),
    **dict.fromkeys(("open", "opened"), "open"),
    **dict.fromkeys(("halfopen", "halfopened"), "half_open"),
    **dict.fromkeys(("forcedopen", "isolated"), "forced_open"),
    **dict.fromkeys(("disabled", "forceclosed"), "disabled"),
    "metricsonly": "metrics_only",
}


ENDINGS = "(?:[._](?:ratio|percent|seconds|milliseconds|nanoseconds))?(?:[._]total)?"
"""What may follow a metric's name: its unit, and the ending of a counter, as exporters to Prometheus write them."""


def metric_names(dialects: "tuple[Dialect, ...]", prefixes: tuple[str, ...] = ()) -> str:
    """A regular expression, for the engine's `match` over the lower-case name, that finds every metric of the dialects."""
    patterns = {metric.regex.pattern for dialect in dialects for metric in dialect.metrics}
    plain = sorted(re.sub(r"\?P<\w+>", "?:", pattern) for pattern in patterns)
    return f"^(?:{'|'.join(map(re.escape, prefixes))})?(?:{'|'.join(plain)}){ENDINGS}$"


_OF_TRANSITIONS = (b"circuit_breaker.state_change", b" changed state from ", b"OnCircuit")


def may_tell_of_transition(export: bytes) -> bool:
    """Whether an export request of log records holds words with which a dialect tells of transitions. Costs 0.1 ms a mebibyte."""
    return any(words in export for words in _OF_TRANSITIONS)


def normal_state(raw: str) -> str:
    """One of STATES: case, `-`, `_` and spaces do not matter."""
    return _WORDS.get(re.sub(r"[-_ ]", "", raw.lower()), "unknown")


class Fact(StrEnum):
    """What the points of a metric tell."""

    STATE_SET = "state_set"  # a series for each state, 1 on the active one
    TIME_IN_STATE = "time_in_state"  # a counter for each state; the one that grew is active
    TRANSITIONS = "transitions"  # a counter for each state that was entered
    STATE_NUMBER = "state_number"  # a number that stands for a state, by the emitter's own table
    STATE_FLAG = "state_flag"  # above 0: open, or at the limit
    ENDPOINTS = "endpoints"  # how many endpoints are ready and how many are cut off
    REFUSALS = "refusals"  # a counter of refused calls, which implies a state
    CALLS = "calls"  # a counter of calls by outcome: ok, failed, slow, rejected
    RATE = "rate"  # a share of calls now: failure_rate or slow_rate
    SETTING = "setting"  # a number from the breaker's configuration
    PRESENCE = "presence"  # says no more than that the breaker is there


@dataclass(frozen=True)
class Metric:
    """A metric of a dialect. `pattern` is a regular expression over the name, in lower case, in which `_` stands for `_` or
    `.`, without a prefix that a setting names and without ENDINGS. Its named groups count as attributes.
    """

    pattern: str
    fact: Fact
    label: str = ""
    """The attribute that names the state or the outcome."""
    values: Mapping[str, str] = field(default_factory=dict)
    """What the label's value (or the number, as text) means; a state that is not listed goes through `normal_state`,
    an outcome that is not listed says nothing. A key that ends in `*` is the beginning of values, one that begins with
    `*` their end."""
    means: str = ""
    """The outcome, rate, setting or state when no label says it."""
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Attributes that must have one of these values; `()` is any value."""
    scale: float = 1.0
    is_reason: bool = False
    """The label does not name the state that was entered but why it was."""

    @cached_property
    def regex(self) -> "re.Pattern[str]":
        return re.compile(self.pattern.replace("_", "[._]"), re.IGNORECASE)

    def meaning(self, raw: str) -> str | None:
        """What a value of the label means by `values`, None if they do not say."""
        if raw in self.values:
            return self.values[raw]
        for key, meaning in self.values.items():
            if (key.endswith("*") and raw.startswith(key[:-1])) or (key.startswith("*") and raw.endswith(key[1:])):
                return meaning
        return None


@dataclass(frozen=True)
class Event:
    """A log record or span event that tells of a transition: by its name, or by a regular expression over a record's text.

    Named groups `name`, `to`, `from`, `reason`, `target` of `text`, or the attributes listed for them, tell the rest.
    """

    event: str = ""
    text: str = ""
    scope: str = ""
    """The logger or scope must be this one."""
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By field (`name`, `group`, `target`, `from`, `to`, `reason`): the attributes that hold it, joined by `/` for names."""
    values: Mapping[str, str] = field(default_factory=dict)
    """What the raw state means, where `normal_state` would not know."""

    @cached_property
    def regex(self) -> "re.Pattern[str]":
        return re.compile(self.text)


@dataclass(frozen=True)
class Refusal:
    """A span on which a breaker refused the call: by the end of its error's type, else by a text in its message, else by an
    attribute."""

    error: str = ""
    message: str = ""
    """A regular expression over the exception's or the status's message; named groups `name` and `state`."""
    attribute: str = ""
    values: str = ""
    """A regular expression over the attribute's value."""
    name: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    means: str = "open"

    @cached_property
    def regex(self) -> "re.Pattern[str]":
        return re.compile(self.values if self.attribute else self.message)


@dataclass(frozen=True)
class Dialect:
    source: str
    """The emitter, as the API names it."""
    reference: str
    """Where its names are documented."""
    kind: str = "state_machine"
    name: tuple[str, ...] = ("name",)
    """Attributes that together name a breaker; those that are present are joined by `/`."""
    group: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    """Attributes that name the called service; the first that is present counts."""
    target_form: str = ""
    """A regular expression whose first group is the target's name."""
    service: tuple[str, ...] = ()
    """Attributes that name the service instead of the resource."""
    scope: str = ""
    """A regular expression: the instrumentation scope must match it."""
    metrics: tuple[Metric, ...] = ()
    events: tuple[Event, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    part_of: bool = False
    """Its names are the beginnings of breakers' names, and what it tells is told of all of those. It makes a breaker of its
    own only by a refusal."""
    assumed_closed: bool = False
    """It only tells of transitions: a breaker whose calls flow and that never told of one is closed."""
