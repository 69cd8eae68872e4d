"""Whose map a call is on when services run in several environments, said by the oracle and by the store."""

import pytest
from linker import asked_of, map_of
from otlp_requests import Span
from rollup_bench import RollupBench
from topology_rules import DATABASE, HTTP, QUEUE, after, span

Told = dict[str, dict[str, int]]
"""Calls by environment and `source -> target`."""


def prod(*about: str, **more: object) -> Span:
    return span(*about, environment="production", **more)  # type: ignore[arg-type]


def lab(*about: str, **more: object) -> Span:
    return span(*about, environment="lab", **more)  # type: ignore[arg-type]


CASES: dict[str, tuple[list[Span], Told]] = {
    "each environment has its own calls": (
        [
            prod("cart", "a", kind="client"), prod("orders", "b", "a", "server"),
            lab("cart", "a", kind="client", trace="t2"), lab("orders", "b", "a", "server", trace="t2"),
            lab("orders", "c", "a", "server", trace="t2"),
        ],
        {"production": {"cart -> orders": 1}, "lab": {"cart -> orders": 2}, "": {"cart -> orders": 3}},
    ),
    "a call from one into another is on the maps of both": (
        [prod("cart", "a", kind="client"), lab("orders", "b", "a", "server")],
        {"production": {"cart -> orders": 1}, "lab": {"cart -> orders": 1}, "": {"cart -> orders": 1}},
    ),
    "also when only one end says where it runs": (
        [span("cart", "a", kind="client"), lab("orders", "b", "a", "server")],
        {"production": {}, "lab": {"cart -> orders": 1}, "": {"cart -> orders": 1}},
    ),
    "databases and others belong to their callers": (
        [
            prod("cart", "q", kind="client", about=DATABASE), lab("cart", "q", kind="client", about=DATABASE, trace="t2"),
            lab("cart", "call", kind="client", about=HTTP, trace="t3"),
        ],
        {
            "production": {"cart -> database": 1},
            "lab": {"cart -> database": 1, "cart -> external": 1},
            "": {"cart -> database": 2, "cart -> external": 1},
        },
    ),
    "a broker belongs to who sends and to who takes": (
        [prod("cart", "send", kind="producer", about=QUEUE), lab("orders", "take", "send", "consumer", QUEUE)],
        {
            "production": {"cart -> messaging": 1},
            "lab": {"messaging -> orders": 1},
            "": {"cart -> messaging": 1, "messaging -> orders": 1},
        },
    ),
    "also one that only one of them names": (
        [
            prod("cart", "send", kind="producer", about=QUEUE), lab("orders", "take", "send", "consumer"),
            prod("cart", "plain", kind="producer", trace="t2"),
            lab("orders", "take", "plain", "consumer", QUEUE, trace="t2"),
        ],
        {
            "production": {"cart -> messaging": 2},
            "lab": {"messaging -> orders": 2},
            "": {"cart -> messaging": 2, "messaging -> orders": 2},
        },
    ),
    "a caller in another minute brings its environment": (
        [prod("cart", "a", kind="client"), lab("orders", "b", "a", "server", start_ns=after(3600))],
        {"production": {"cart -> orders": 1}, "lab": {"cart -> orders": 1}, "": {"cart -> orders": 1}},
    ),
    "what a service does within itself is no call, whatever the environment": (
        [prod("cart", "a", kind="server"), lab("cart", "b", "a")],
        {"production": {}, "lab": {}, "": {}},
    ),
}  # fmt: skip


@pytest.mark.parametrize("says", CASES)
def test_that(bench: RollupBench, says: str) -> None:
    spans, told = CASES[says]
    bench.roll_up(*spans)
    for environment, calls in told.items():
        drawn = {" -> ".join(map(_short, ends)): counts.calls for ends, counts in map_of(spans, environment).items()}
        assert drawn == calls, environment
        assert bench.map_of(environment) == map_of(spans, environment), environment
        assert bench.asked_of(environment) == asked_of(spans, environment), environment


def _short(id_: str) -> str:
    """A service by its name, other nodes by their kind."""
    kind, _, name = id_.partition(":")
    return name if kind == "service" else kind
