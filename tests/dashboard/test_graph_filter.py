"""The filter language on nodes and edges of the map."""

import pytest

from dashboard.components import graph_filter
from dashboard.components.graph_filter import WrongFilter
from dashboard.components.graph_filter_fields import edge_facts, node_facts


@pytest.fixture
def found(node, edge):
    nodes = [
        node("gateway", namespace="shop", calls=3000, p95_ms=1500.0, versions=["1.0", "1.1"]),
        node("pay", namespace="shop", errors=20, health="degraded"),
        node("idle", calls=0, p95_ms=None),
        node("ledger", "database"),
    ]
    edges = [
        edge("gateway", "pay", errors=20, breakers=[{"state": "open"}]),
        edge("pay", "ledger", "database", rejected=10),
    ]
    names = {each["id"]: each["name"] for each in nodes}

    def find(text):
        wanted = graph_filter.parse(text)
        node_rows = {each["id"]: node_facts(each, 300) for each in nodes}
        edge_rows = {f"{each['source']}>{each['target']}": edge_facts(each, names, 300) for each in edges}
        return graph_filter.matching(wanted, node_rows, edge_rows)

    return find


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("error_rate>5% or p95>1s", {"pay", "gateway", "gateway>pay"}),
        ("error_rate>0.05 p95<1s", {"pay", "gateway>pay"}),
        ("kind=database", {"ledger", "pay>ledger"}),
        ("breaker=open", {"gateway>pay"}),
        ("breaker in (closed, open)", {"gateway>pay"}),
        ("namespace=shop", {"gateway", "pay"}),
        ("not namespace=shop", {"idle", "ledger"}),
        ("namespace!=shop", set()),
        ("service~^p", {"pay"}),
        ("NAME!~a", {"idle", "ledger"}),
        ("has(namespace)", {"gateway", "pay"}),
        ("version=1.1", {"gateway"}),
        ("rate>=10", {"gateway"}),
        ("rejected_rate>=10%", {"pay>ledger"}),
        ("target=pay", {"gateway>pay"}),
        ("PAY", {"pay"}),
        ("health in (degraded, unhealthy) and not kind=database", {"pay"}),
        ("p95>0ms", {"gateway", "pay", "ledger", "gateway>pay", "pay>ledger"}),
        ("", set()),
    ],
)
def test_a_filter_finds(found, text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("error_rate>", 'column 12: expected a value after ">"'),
        ("error_rate>fast", "column 11: expected a share such as 5% or 0.05"),
        ("p95>5%", "column 4: expected a duration such as 200ms"),
        ("kind=thing", 'column 5: "thing" is no kind; expected one of service, database'),
        ("speed=1", 'column 1: "speed" is not a field of the map'),
        ("name>a", 'column 5: name does not take ">"'),
        ("(kind=service", 'column 14: expected ")"'),
        ("kind=service)", "column 13: expected a term, AND or OR"),
        ('name="a', "column 6: this quote has no end"),
        ("name~(a+)+b", "column 6: expected"),
        ('name~"(a+)+b"', "column 5: a pattern has at most"),
        ('name~"["', "column 5: not a regular expression"),
        ("a " * 600, "1200 characters are too many"),
        ("not " * 40 + "a", "at most 30 levels"),
        ("or", "column 1: expected a term"),
    ],
)
def test_a_mistake_is_named_with_its_place(text, complaint):
    with pytest.raises(WrongFilter) as raised:
        graph_filter.parse(text)
    assert complaint in str(raised.value)
