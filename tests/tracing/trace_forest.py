"""Traces for tests of the analysis: a few spans by name, or any forest by hypothesis."""

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from collector.queries.tracing.analysis import Analysis, analyse
from collector.queries.tracing.columns import Columns, Names

KIND = {"unspecified": 0, "internal": 1, "server": 2, "client": 3, "producer": 4, "consumer": 5}


@dataclass(frozen=True)
class One:
    id: str
    start_ns: int
    end_ns: int
    parent: str = ""
    service: str = "s"
    kind: str = "internal"
    clock: str = "here"
    name: str = ""
    """The id where it is not said."""
    error: bool = False


def number(id_: str) -> int:
    return int.from_bytes(id_.encode().ljust(8, b"\0")[:8]) if id_ else 0


def names(texts: list[str]) -> Names:
    codes = {text: code for code, text in enumerate(dict.fromkeys(texts))}
    return Names(np.array([codes[text] for text in texts], dtype=np.int32), list(codes))


def columns(spans: list[One]) -> Columns:
    def numbers(values: list[int], dtype: type = np.int64) -> np.ndarray:
        return np.array(values, dtype=dtype)

    return Columns(
        id=numbers([number(one.id) for one in spans], np.uint64),
        parent_id=numbers([number(one.parent) for one in spans], np.uint64),
        service=names([one.service for one in spans]),
        name=names([one.name or one.id for one in spans]),
        instance=names([one.clock for one in spans]),
        clock=names([one.clock for one in spans]),
        peer=names([""] * len(spans)),
        peer_kind=names(["none"] * len(spans)),
        kind=numbers([KIND[one.kind] for one in spans], np.uint8),
        status=numbers([2 * one.error for one in spans], np.uint8),
        rejected=numbers([0] * len(spans), np.uint8),
        start_ns=numbers([one.start_ns for one in spans]),
        duration_ns=numbers([one.end_ns - one.start_ns for one in spans]),
        events=numbers([0] * len(spans), np.int32),
        links=numbers([0] * len(spans), np.int32),
    )


def analysed(*spans: One, max_skew_ns: int = 0) -> Analysis:
    return analyse(columns(list(spans)), max_skew_ns)


def path_of(analysis: Analysis) -> list[tuple[str, int, int]]:
    return [(analysis.spans.name[row], start, end) for row, start, end in analysis.critical_path]


@st.composite
def forests(
    draw: st.DrawFn, most: int = 25, clocks: tuple[str, ...] = ("a", "b", "c"), names: tuple[str, ...] = ("",)
) -> list[One]:
    """Spans in any order with any times: parents that are missing, circles, children outside of their parents."""
    count = draw(st.integers(1, most))
    moments = st.integers(0, 60)
    spans = []
    for place in range(count):
        start, length = draw(moments), draw(moments)
        parent = draw(st.one_of(st.just(""), st.integers(0, count).map(str), st.just(str(max(0, place - 1)))))
        clock = draw(st.sampled_from(clocks))
        kind = draw(st.sampled_from(sorted(KIND)))
        name, error = draw(st.sampled_from(names)), draw(st.booleans())
        spans.append(One(str(place), start, start + length, parent, f"s-{clock}", kind, clock, name, error))
    return draw(st.permutations(spans))


@st.composite
def covered_trees(draw: st.DrawFn, most: int = 25) -> list[One]:
    """One root; each child lies within its parent."""
    spans = [One("0", 0, draw(st.integers(1, 1000)))]
    for place in range(1, draw(st.integers(1, most))):
        above = spans[draw(st.integers(0, place - 1))]
        start = draw(st.integers(above.start_ns, above.end_ns))
        spans.append(One(str(place), start, draw(st.integers(start, above.end_ns)), above.id))
    return spans
