"""A store that an older version filled is brought up to date when it is opened, and then answers as if it had always been so."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from linker import MINUTE_NS
from older_store import older_statements
from otlp_requests import Span, request, trace_id
from random_traces import START_NS
from store_ways import Way, open_way

from collector.conventions import sql as conventions
from collector.model import Receipt, Signal
from collector.queries import services, sources, topology
from collector.queries.scope import Scope
from collector.queries.time_range import TimeRange
from collector.queries.traces import TraceQuery, newest_ids
from collector.settings import Settings
from collector.store import schema
from collector.store.engine import Store

WINDOW = TimeRange(START_NS, START_NS + MINUTE_NS)
_ROLLED_UP = (
    """INSERT INTO services_1m SELECT toStartOfMinute(Timestamp) AS Minute, 2, ServiceName, count(), 0, 0,
           quantilesDDState(0.01, 0.5, 0.95, 0.99)(Duration) FROM otel_traces GROUP BY Minute, ServiceName""",
    "INSERT INTO rolled_up_minutes SELECT DISTINCT Minute, 2 FROM services_1m",
    "INSERT INTO dirty_minutes SELECT Minute, Mark, -1 FROM dirty_minutes",
)


def commit(way: Way, trace: str, environment: str) -> None:
    at = {"trace": trace, "environment": environment, "start_ns": START_NS}
    spans = [Span("cart", "a", kind="client", **at), Span("orders", "b", "a", kind="server", **at)]
    body = request(spans).SerializeToString()
    assert way.committer.submit(Signal.TRACES, body).result(60) == Receipt()


def fill(name: str, folder: Path) -> Settings:
    """As an older version left it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schema, "statements", older_statements)
        patch.setattr(schema, "changes", lambda *_: iter(()))
        with open_way(name, folder) as before:
            assert not before.store.has_rollups
            commit(before, "old", "production")
            for sql in _ROLLED_UP:
                before.store.command(sql)
            return before.settings


@pytest.fixture(scope="module", params=["embedded", "cluster"])
def way(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Way]:
    folder = tmp_path_factory.mktemp("older")
    fill(request.param, folder)
    with open_way(request.param, folder) as opened:
        assert opened.store.has_rollups
        yield opened


def calls(store: Store, environment: str) -> dict[str, int]:
    rolled = sources.rolled_up(store, WINDOW)
    return {row["name"]: row["calls"] for row in services.list_services(store, rolled, Scope(environment))}


def test_what_was_counted_counts_until_it_is_counted_again(way: Way) -> None:
    assert calls(way.store, "") == {"cart": 1, "orders": 1}
    assert calls(way.store, "production") == {"cart": 0, "orders": 0}
    commit(way, "new", "staging")
    way.rollups.run_until_clean()
    assert calls(way.store, "production") == {"cart": 1, "orders": 1}
    assert calls(way.store, "staging") == {"cart": 1, "orders": 1}
    (edge,) = topology.find_edges(way.store, sources.rolled_up(way.store, WINDOW), 10, environment="production")
    assert (edge["source"], edge["target"], edge["calls"]) == ("cart", "orders", 1)


@pytest.mark.parametrize(("environment", "trace"), [("production", "old"), ("staging", "new")])
def test_spans_from_before_and_after_say_where_they_ran(way: Way, environment: str, trace: str) -> None:
    if trace == "new":
        commit(way, "new", "staging")
    ids, _ = newest_ids(way.store, TraceQuery(WINDOW, environment=environment), 10)
    assert ids == [trace_id(trace).hex()]


@pytest.mark.parametrize(
    ("view", "column"), [("otlp_traces_unfold", "Environment"), ("service_instances_unfold", "FirstSeen")]
)
def test_the_view_writes_the_column_itself(way: Way, view: str, column: str) -> None:
    sql = "SELECT as_select FROM system.tables WHERE database = currentDatabase() AND name = {view:String}"
    (row,) = way.store.query(sql, {"view": view})
    assert f"AS {column}" in row["as_select"]


def test_instances_from_before_were_first_seen_when_they_were_last_seen(way: Way) -> None:
    sql = "SELECT DISTINCT toUnixTimestamp64Nano(FirstSeen) AS first_ns FROM service_instances_1m"
    assert way.store.query(sql) == [{"first_ns": START_NS}]


def test_changes_that_were_interrupted_are_made_again(way: Way) -> None:
    before = calls(way.store, "")
    for statement in schema.changes(conventions.words(), way.settings.cluster):
        way.store.command(statement.sql)
    way.rollups.run_until_clean()
    assert calls(way.store, "") == before


def test_one_that_must_not_be_changed_answers_from_its_spans(tmp_path: Path) -> None:
    settings = fill("embedded", tmp_path).model_copy(update={"store_readonly": True})
    with closing(Store(settings, conventions.words())) as store:
        assert not store.has_rollups
        assert calls(store, "production") == {"cart": 1, "orders": 1}
        assert calls(store, "staging") == {}
        assert len(newest_ids(store, TraceQuery(WINDOW, environment="production"), 10)[0]) == 1
