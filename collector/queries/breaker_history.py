"""The transitions of one breaker in one instance, put together from whoever told of them. No I/O, no clock.

A transition is told by several sources (a counter, a record, a span event, samples that differ): each source tells of it
once, and they are put together when they name the same new state at the same time, which for a counter or a sample is the
time since the point before.
"""

from dataclasses import dataclass, field

SECOND_NS = 10**9
AGAIN_NS = SECOND_NS // 100  # rows are read again when they are merged, and one source's time may count for another's
SAME_NS = SECOND_NS  # a record and a span event of one transition may lie this far apart
KEPT_TRANSITIONS = 50


@dataclass(frozen=True, slots=True)
class Trace:
    trace_id: str = ""
    span_id: str = ""


@dataclass(slots=True)
class Transition:
    key_ns: int
    """When it was first thought to be: what it is stored under."""
    at_ns: int
    from_state: str
    to_state: str
    earliest_ns: int
    precision: str
    told_by: list[str]
    reason: str = ""
    trace_id: str = ""
    span_id: str = ""


@dataclass
class History:
    """The latest KEPT_TRANSITIONS, earliest first."""

    transitions: list[Transition] = field(default_factory=list)
    fresh: dict[int, Transition] = field(default_factory=dict)
    """Transitions to write, by key."""

    @property
    def last(self) -> Transition | None:
        return self.transitions[-1] if self.transitions else None

    def last_until(self, at_ns: int) -> Transition | None:
        """The last one at that time or earlier."""
        return next((one for one in reversed(self.transitions) if one.at_ns <= at_ns), None)

    def first_from(self, at_ns: int) -> Transition | None:
        """The first one at that time or later."""
        return next((one for one in self.transitions if one.at_ns >= at_ns), None)

    def add(self, transition: Transition) -> None:
        while any(one.key_ns == transition.key_ns for one in self.transitions):
            transition.key_ns += 1
        self.transitions.append(transition)
        self.transitions.sort(key=lambda one: (one.at_ns, one.key_ns))
        del self.transitions[:-KEPT_TRANSITIONS]
        self.fresh[transition.key_ns] = transition

    def knows(
        self, to_state: str, from_ns: int, to_ns: int, told_by: str, reason: str, trace: Trace, precision: str
    ) -> bool:
        """Whether another source told of this transition, or this one told it before; adds what is new about it. Of several
        that fit an exact time, the nearest is meant: a breaker may flap within what counts as the same time."""
        nearest = sorted(self.transitions, key=lambda one: abs(one.at_ns - to_ns)) if precision == "exact" else ()
        for one in nearest or self.transitions:
            if one.to_state != to_state or one.at_ns < from_ns - SAME_NS or one.earliest_ns > to_ns + SAME_NS:
                continue
            if told_by in one.told_by:
                if precision == "exact" and abs(one.at_ns - to_ns) <= AGAIN_NS:
                    return True
                continue
            one.told_by.append(told_by)
            one.reason, one.trace_id = one.reason or reason, one.trace_id or trace.trace_id
            one.span_id = one.span_id or trace.span_id
            if precision == "exact" and one.precision != "exact":
                one.at_ns = one.earliest_ns = to_ns
                one.precision = "exact"
            self.fresh[one.key_ns] = one
            return True
        return False
