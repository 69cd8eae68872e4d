"""Which breaker a metric, a record or a span speaks of, and what it says: the dialect table applied."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b

from collector.conventions.breaker_dialects import DIALECTS, UNRECOGNISED
from collector.conventions.breakers import ENDINGS, Dialect, Event, Fact, Metric, Refusal, metric_names, normal_state

_TOTAL = re.compile(r"(?i)[._]total$")
_ENDINGS = re.compile(f"(?i){ENDINGS}$")
_STATE_FACTS = {Fact.STATE_SET, Fact.TIME_IN_STATE, Fact.TRANSITIONS, Fact.REFUSALS}


@dataclass(frozen=True, slots=True)
class Emitter:
    """Whose process it is: of the resource."""

    service: str
    namespace: str
    instance: str


@dataclass(frozen=True, slots=True)
class Breaker:
    """What makes a breaker one: the same for all instances of a service."""

    service: str
    namespace: str
    name: str
    group: str
    kind: str

    @property
    def id(self) -> str:
        words = "\0".join((self.namespace, self.service, self.group, self.name, self.kind))
        return blake2b(words.encode(), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class Reading:
    """A series of points that tells `fact` of a breaker. `means`: the state, outcome, rate or setting, normalised."""

    breaker: Breaker
    instance: str
    dialect: Dialect
    metric: Metric
    fact: Fact
    means: str
    raw: str
    target: str


@dataclass(frozen=True, slots=True)
class Told:
    """A transition that a record or a span event told of."""

    breaker: Breaker
    instance: str
    dialect: Dialect
    target: str
    from_state: str
    to_state: str
    raw: str
    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Calls that a breaker refused, as spans told. `name`, `group` and `target` are '' where the span does not say them."""

    dialect: Dialect
    name: str
    group: str
    target: str
    state: str
    raw: str


class Recogniser:
    """Applies the dialects that come with the project, after those that were configured."""

    def __init__(self, configured: tuple[Dialect, ...] = (), prefixes: tuple[str, ...] = ()) -> None:
        self._dialects = (*configured, *DIALECTS)
        self._prefix = re.compile("|".join(map(re.escape, prefixes)), re.IGNORECASE) if prefixes else None
        self.metric_names = metric_names((*self._dialects, UNRECOGNISED), prefixes)
        self.event_names = sorted({event.event for _, event in self._events() if event.event})
        self.texts = "|".join(re.sub(r"\?P<\w+>", "?:", event.text) for _, event in self._events() if event.text)
        self.scopes = sorted({event.scope for _, event in self._events() if event.scope})
        self.refusal_words = sorted({word for dialect in self._dialects for word in _words_of_refusals(dialect)})

    def read(self, metric: str, scope: str, emitter: Emitter, attributes: Mapping[str, str]) -> list[Reading]:
        """What points of a series tell; empty when no dialect knows it."""
        found = self._prefix.match(metric) if self._prefix else None
        name = metric[found.end() :] if found else metric
        for ending in (_TOTAL, _ENDINGS):
            name = ending.sub("", name)
            told = list(_readings(self._dialects, name, scope, emitter, attributes))
            if told:
                return told
        return list(_readings((UNRECOGNISED,), name, scope, emitter, attributes))

    def told(self, event: str, scope: str, text: str, emitter: Emitter, attributes: Mapping[str, str]) -> Told | None:
        """The transition that a record or span event tells of."""
        for dialect, rule in self._events():
            if (rule.event and rule.event != event) or (rule.scope and rule.scope != scope):
                continue
            match = rule.regex.search(text) if rule.text else None
            if rule.text and match is None:
                continue
            told = _told(dialect, rule, emitter, {**attributes, **_groups(match)})
            if told is not None:
                return told
        return None

    def refused(self, error: str, message: str, attributes: Mapping[str, str]) -> Refused | None:
        """Which dialect's refusal an error is."""
        for dialect in self._dialects:
            for rule in dialect.refusals:
                match = rule.regex.search(attributes.get(rule.attribute, "") if rule.attribute else message)
                if not _fits(rule, error, match):
                    continue
                words = {**attributes, **_groups(match)}
                raw = _first(words, (*rule.state, "state", rule.attribute))
                known = normal_state(raw) if raw else "unknown"
                state = rule.means if known in ("unknown", "closed") else known
                name = _first(words, rule.name) or _groups(match).get("name", "")
                group, target = _first(words, dialect.group), target_of(dialect, words)
                return Refused(dialect, name, group, target, state, raw or error or message)
        return None

    def _events(self) -> Iterator[tuple[Dialect, Event]]:
        return ((dialect, event) for dialect in self._dialects for event in dialect.events)


def breaker_of(dialect: Dialect, emitter: Emitter, attributes: Mapping[str, str], names: tuple[str, ...]) -> Breaker:
    service = _first(attributes, dialect.service) or emitter.service
    name = "/".join(attributes[key] for key in names if attributes.get(key))
    return Breaker(service, emitter.namespace, name, _first(attributes, dialect.group), dialect.kind)


def target_of(dialect: Dialect, attributes: Mapping[str, str]) -> str:
    """The called service as the emitter names it; '' when it does not, or names something else."""
    raw = _first(attributes, dialect.target)
    if not dialect.target_form:
        return raw
    match = re.search(dialect.target_form, raw)
    return match[1] if match else ""


def _readings(
    dialects: tuple[Dialect, ...], name: str, scope: str, emitter: Emitter, attributes: Mapping[str, str]
) -> Iterator[Reading]:
    for dialect in dialects:
        if dialect.scope and not re.fullmatch(dialect.scope, scope):
            continue
        for metric in dialect.metrics:
            match = metric.regex.fullmatch(name)
            if match is None:
                continue
            words = {**attributes, **_groups(match)}
            means = _means(metric, words) if _applies(metric, words) else None
            if means is not None:
                breaker = breaker_of(dialect, emitter, words, dialect.name)
                raw = words.get(metric.label, "") if metric.label else ""
                yield Reading(
                    breaker, emitter.instance, dialect, metric, metric.fact, means, raw, target_of(dialect, words)
                )


def _words_of_refusals(dialect: Dialect) -> set[str]:
    """The attributes that refusals of a dialect are read from."""
    told = {word for rule in dialect.refusals for word in (rule.attribute, *rule.name, *rule.state) if word}
    return told | {*dialect.group, *dialect.target} if dialect.refusals else set()


def _fits(rule: Refusal, error: str, match: "re.Match[str] | None") -> bool:
    """By the error's type where the rule names one, else by the message or the attribute."""
    return error.endswith(rule.error) if rule.error else match is not None


def _applies(metric: Metric, words: Mapping[str, str]) -> bool:
    return all(
        words.get(key, "") in allowed if allowed else bool(words.get(key)) for key, allowed in metric.where.items()
    )


def _means(metric: Metric, words: Mapping[str, str]) -> str | None:
    if not metric.label:
        return metric.means
    raw = words.get(metric.label, "")
    known = metric.meaning(raw)
    if known is not None:
        return known
    if metric.fact in _STATE_FACTS:
        return normal_state(raw) if raw else None
    return raw if metric.fact in (Fact.STATE_FLAG, Fact.ENDPOINTS) else None


def _told(dialect: Dialect, rule: Event, emitter: Emitter, words: Mapping[str, str]) -> Told | None:
    def word(field: str) -> str:
        return _first(words, rule.attributes.get(field, ())) or words.get(field, "")

    raw = word("to")
    to_state = rule.values.get(raw) or normal_state(raw)
    if to_state == "unknown":
        return None
    names = rule.attributes.get("name", ("name",))
    breaker = replace(breaker_of(dialect, emitter, words, names), group=word("group") or _first(words, dialect.group))
    target = word("target") or target_of(dialect, words)
    return Told(breaker, emitter.instance, dialect, target, normal_state(word("from")), to_state, raw, word("reason"))


def _groups(match: "re.Match[str] | None") -> dict[str, str]:
    return {key: value for key, value in match.groupdict().items() if value} if match else {}


def _first(words: Mapping[str, str], keys: tuple[str, ...]) -> str:
    return next((words[key] for key in keys if words.get(key)), "")
