"""The schema on a cluster, as the engine's parser reads it. `test_store_contract.py` runs it on one node."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from clickhouse_http_server import running_clickhouse
from pydantic import ValidationError
from store_ways import connect

from collector.conventions import sql as conventions
from collector.settings import Settings
from collector.store import schema

STATEMENTS = {statement.name: statement.sql for statement in schema.statements(conventions.words(), cluster="main")}
CHANGES = {statement.name: statement.sql for statement in schema.changes(conventions.words(), cluster="main")}
TABLES = {name: sql for name, sql in STATEMENTS.items() if "CREATE TABLE" in sql}
EVERY_NODE = "'/clickhouse/tables/{uuid}/every_node', '{shard}-{replica}'"


@pytest.fixture(scope="module")
def syntax_tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Of each statement, as the engine prints it."""
    with running_clickhouse(tmp_path_factory.mktemp("syntax")) as address, connect(f"clickhouse://{address}") as client:
        yield {name: str(client.command(f"EXPLAIN AST {sql}")) for name, sql in (STATEMENTS | CHANGES).items()}


def test_the_engine_parses_every_statement_as_a_creation(syntax_tree: dict[str, str]) -> None:
    assert len(syntax_tree) > 25
    assert all(syntax_tree[name].startswith("CreateQuery") for name in STATEMENTS)


def test_the_engine_parses_every_change(syntax_tree: dict[str, str]) -> None:
    assert {syntax_tree[name].split(" ")[0].strip("(") for name in CHANGES} == {
        "AlterQuery", "CreateQuery", "InsertQuery",
    }  # fmt: skip


@pytest.mark.parametrize("name", STATEMENTS)
def test_every_statement_is_for_the_whole_cluster(name: str) -> None:
    assert re.search(
        r"^CREATE (TABLE|VIEW|MATERIALIZED VIEW) IF NOT EXISTS \w+ ON CLUSTER `main` ", STATEMENTS[name], re.M
    )


def test_every_change_is_made_on_every_node() -> None:
    for name, sql in CHANGES.items():
        everywhere = r"^(ALTER TABLE|CREATE OR REPLACE VIEW) \w+ ON CLUSTER `main`\s|^INSERT INTO dirty_minutes "
        assert re.search(everywhere, sql, re.M), name


def test_no_table_would_stay_on_one_node() -> None:
    engines = {name: re.search(r"ENGINE = (\w+)", sql) for name, sql in TABLES.items()}
    kinds = {name: engine[1] for name, engine in engines.items() if engine}
    assert kinds.keys() == TABLES.keys()
    passages = {name.split("_", 1)[1] for name, kind in kinds.items() if kind == "Null"}
    assert passages == {*(f"{inbox}_inbox" for inbox in schema.INBOXES), "otlp_metrics_each"}
    others = {kind for kind in kinds.values() if kind != "Null"}
    assert all(kind == "Distributed" or kind.startswith("Replicated") for kind in others)


def test_large_tables_are_sharded_and_spans_by_trace() -> None:
    large = {
        match[1] for sql in TABLES.values() if (match := re.search(r"CREATE TABLE IF NOT EXISTS (\w+)_local ", sql))
    }
    front = {
        match[1]: match[2]
        for sql in TABLES.values()
        if (
            match := re.search(
                r"CREATE TABLE IF NOT EXISTS (\w+) ON CLUSTER `main` AS \1_local ENGINE = Distributed\((.*)\)$", sql
            )
        )
    }
    assert front.keys() == large >= {"otel_traces", "otel_logs", "otel_metrics_gauge"}
    assert front["otel_traces"] == "`main`, currentDatabase(), otel_traces_local, cityHash64(TraceId)"
    assert front["otel_logs"].endswith(
        "if(TraceId = '', rand(), cityHash64(TraceId))"
    )  # logs without a trace are spread


def test_small_tables_are_on_every_node() -> None:
    small = [sql for sql in TABLES.values() if not re.search(r"_local |ENGINE = (Null|Distributed)", sql)]
    assert len(small) >= 5
    assert all(f"MergeTree({EVERY_NODE}" in sql for sql in small)
    assert f"ENGINE = ReplicatedCollapsingMergeTree({EVERY_NODE}, Sign)" in STATEMENTS["004_dirty_minutes"]


def test_views_write_to_and_read_from_the_whole_table() -> None:
    views = [sql for sql in STATEMENTS.values() if "VIEW IF NOT EXISTS" in sql]
    assert len(views) > 5
    assert not any("_local" in sql for sql in views)


def test_on_one_node_there_is_nothing_of_a_cluster() -> None:
    for statement in schema.statements(conventions.words()):
        assert not re.search(r"ON CLUSTER|Replicated|Distributed|_local", statement.sql)


def test_the_name_of_a_cluster_cannot_be_sql() -> None:
    with pytest.raises(ValidationError, match="letters, digits"):
        Settings(store_url="clickhouse://db", cluster="a` b")


def test_a_cluster_needs_a_server() -> None:
    with pytest.raises(ValidationError, match="a cluster needs a clickhouse:// store"):
        Settings(store_url="chdb://data", cluster="main")


def test_settings_are_said_wrong_at_the_command_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    from collector.main import main

    assert main(["--store", "mysql://x"]) == 2
    assert "expected chdb://PATH or clickhouse://user:password@host:8123/database" in capfd.readouterr().err
