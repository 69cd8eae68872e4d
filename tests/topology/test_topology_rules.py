"""Each rule of topology, said by the oracle and by the store."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from linker import MINUTE_NS, Counts, Edge, link
from otlp_requests import Span
from random_traces import START_NS
from rollup_bench import RollupBench, drawn
from topology_rules import RULES, Rule

_DAY_NS = 24 * 60 * MINUTE_NS


def _of(rule: Rule) -> Iterator[Span]:
    """Its spans in traces and on a day of their own, so that all rules can be in one store."""
    number = RULES.index(rule)
    for span in rule.spans:
        links = tuple((f"{number}-{trace}", id_) for trace, id_ in span.links)
        yield replace(span, trace=f"{number}-{span.trace}", start_ns=span.start_ns + number * _DAY_NS, links=links)


def _drawn(edges: dict[Edge, Counts]) -> dict[str, tuple[int, int, int]]:
    return {drawn([edge]).pop(): counts for edge, counts in edges.items()}


@pytest.fixture(scope="module")
def in_store(_bench: RollupBench) -> dict[int, dict[Edge, Counts]]:
    """The store's edges by day, of all rules at once."""
    _bench.clear()
    edges = _bench.roll_up(*(span for rule in RULES for span in _of(rule)))
    days: dict[int, dict[Edge, Counts]] = {}
    for edge, counts in edges.items():
        day = round((edge.minute * MINUTE_NS - START_NS) / _DAY_NS)
        days.setdefault(day, {})[edge] = counts
    return days


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.says.replace(" ", "_"))
def test_the_oracle_says_that(rule: Rule) -> None:
    edges = link(_of(rule))
    assert _drawn(edges) == rule.edges
    assert len(edges) == len(rule.edges)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.says.replace(" ", "_"))
def test_the_store_says_that(rule: Rule, in_store: dict[int, dict[Edge, Counts]]) -> None:
    assert in_store.get(RULES.index(rule), {}) == link(_of(rule))
