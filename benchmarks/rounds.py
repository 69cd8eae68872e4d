"""Fresh export requests that cost next to nothing to make.

A round is a set of whole traces, serialised once and cut into requests. Making it fresh patches ids, times and two
values of each span in place, at known offsets: about 0.15 µs a span, so that a benchmark measures the collector.
"""

import random
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import lcm

import numpy as np
from numpy.typing import NDArray

from benchmarks.shop import SPANS_PER_TRACE, Draft, draft_traces, serialise

Words = NDArray[np.uint64]
Indices = NDArray[np.intp]

ROUNDS = 8
_MIN_REQUESTS, _MIN_SPANS = 4, 2000
_SENTINEL = re.compile(rb"~([A-Z])~(\d{5})")


@dataclass(frozen=True)
class Shape:
    """What a request is like. `small` spans have half of the attributes: about 240 bytes instead of 370."""

    spans: int
    small: bool = False

    @property
    def name(self) -> str:
        return f"{self.spans}x{240 if self.small else 370}"


@dataclass(frozen=True)
class Window:
    """Traces start in [start_ns, start_ns + length_ns), evenly at random."""

    start_ns: int
    length_ns: int


def last_second() -> Window:
    return Window(time.time_ns() - 10**9, 10**9)


def number_words(count: int) -> Words:
    """00000000 to `count` - 1 as eight ASCII digits each: values for `customer.id` and the like."""
    return np.frombuffer(b"".join(b"%08d" % number for number in range(count)), np.uint64)


class Round:
    """Whole traces in one buffer that holds several requests. For one thread.

    Requests hold the spans of few services each, so that the halves of most calls arrive in different requests. With
    `by_trace` they hold traces one after the other instead.
    """

    def __init__(self, shape: Shape, rnd: random.Random, by_trace: bool = False) -> None:
        spans = lcm(shape.spans, SPANS_PER_TRACE)
        spans *= -(-max(_MIN_SPANS, _MIN_REQUESTS * shape.spans) // spans)
        drafts = draft_traces(spans // SPANS_PER_TRACE, shape.small, rnd)
        sent = drafts if by_trace else sorted(drafts, key=lambda draft: draft.service)
        bodies = [serialise(sent[at : at + shape.spans], rnd) for at in range(0, spans, shape.spans)]
        ends = np.cumsum([len(body) for body in bodies]).tolist()
        self.span_count, self.trace_count = spans, spans // SPANS_PER_TRACE
        self.size_bytes = ends[-1]
        buffer = bytearray(b"".join(bodies))
        self._cuts = [memoryview(buffer)[end - len(body) : end] for end, body in zip(ends, bodies, strict=True)]
        self._words: Words = np.ndarray((len(buffer) - 7,), np.uint64, buffer, strides=(1,))
        self._gaps = _gaps(buffer)
        self._parent: Indices = np.array([draft.parent for draft in drafts], np.intp)
        self._trace: Indices = np.arange(spans, dtype=np.intp) // SPANS_PER_TRACE
        self._delay_ns = _column(drafts, lambda draft: draft.delay_ns)
        self._duration_ns = _column(drafts, lambda draft: draft.duration_ns)
        self.trace_ids: Words = np.empty((self.trace_count, 2), np.uint64)

    def fresh(self, rng: np.random.Generator, window: Window, numbers: Words) -> list[bytes]:
        """The requests with new ids, times within `window`, and values out of `numbers`."""
        self.trace_ids = rng.integers(1, 2**63, (self.trace_count, 2), np.uint64)
        span_ids = rng.integers(1, 2**63, self.span_count, np.uint64)
        begins = rng.integers(window.start_ns, window.start_ns + max(1, window.length_ns), self.trace_count, np.uint64)
        jitter = rng.integers(0, 2**16, self.span_count, np.uint64)
        start = begins[self._trace] + self._delay_ns + jitter
        self._fill("T", self.trace_ids[self._trace, 0])
        self._fill("U", self.trace_ids[self._trace, 1])
        self._fill("S", span_ids)
        self._fill("P", span_ids[self._parent])
        self._fill("B", start)
        self._fill("E", start + self._duration_ns - jitter)
        self._fill("X", start + jitter)
        offsets, _ = self._gaps["N"]
        self._words[offsets] = numbers[rng.integers(0, len(numbers), len(offsets))]
        return [bytes(cut) for cut in self._cuts]

    def hex_trace_ids(self) -> list[str]:
        """Ids of the traces that the last `fresh` made."""
        return [one.tobytes().hex() for one in self.trace_ids]

    def _fill(self, letter: str, values: Words) -> None:
        offsets, spans = self._gaps[letter]
        self._words[offsets] = values[spans]


def _gaps(buffer: bytearray) -> dict[str, tuple[Indices, Indices]]:
    """Offsets of the gaps in `buffer` and the indices of their spans, by letter."""
    found: dict[str, tuple[list[int], list[int]]] = {letter: ([], []) for letter in "TUSPBEXN"}
    for match in _SENTINEL.finditer(buffer):
        offsets, spans = found[match[1].decode()]
        offsets.append(match.start())
        spans.append(int(match[2]))
    return {
        letter: (np.array(offsets, np.intp), np.array(spans, np.intp)) for letter, (offsets, spans) in found.items()
    }


def _column(drafts: list[Draft], value: Callable[[Draft], int]) -> Words:
    return np.array([value(draft) for draft in drafts], np.uint64)


class Source:
    """An endless supply of requests of one shape, current by default."""

    def __init__(self, shape: Shape, seed: int, customers: int = 100_000) -> None:
        rnd = random.Random(seed)
        self.shape = shape
        self.rounds = [Round(shape, rnd) for _ in range(ROUNDS)]
        self._numbers = number_words(customers)
        self._rng = np.random.Generator(np.random.SFC64([seed, time.time_ns()]))
        self._made = 0
        self._ready: Iterator[bytes] = iter(())

    @property
    def bytes_per_span(self) -> float:
        spans = sum(one.span_count for one in self.rounds)
        return float(sum(one.size_bytes for one in self.rounds) / spans)

    def next_round(self, window: Window) -> tuple[Round, list[bytes]]:
        """The next round, for its trace ids, and its requests."""
        one = self.rounds[self._made % len(self.rounds)]
        self._made += 1
        return one, one.fresh(self._rng, window, self._numbers)

    def next_request(self) -> bytes:
        """A request whose traces started in the second before it (or its round) was made."""
        body = next(self._ready, None)
        while body is None:
            self._ready = iter(self.next_round(last_second())[1])
            body = next(self._ready, None)
        return body
