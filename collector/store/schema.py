"""The schema: numbered SQL files, one statement each, idempotent, applied in order.

`$word` in a file stands for a fixed text of ours: settings of a table, the columns of an inbox, an expression that the
conventions define. No value of a user is ever formatted in.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

SCHEMA_DIR = Path(__file__).parent / "schema"
CHANGES_DIR = SCHEMA_DIR / "changes"
CHANGED_LAST = ("health_changes", "Environment")
"""Table and column: a store that has it has all `changes`."""
INBOXES = ("otlp_traces", "otlp_logs", "otlp_metrics")

_PLAIN_TAGS = "(0, 10, 16, 24, 33, 58, 122)"
_SCALARS = {
    "string": "String", "bytes": "String", "bool": "Bool", "double": "Float64", "int32": "Int32", "int64": "Int64",
    "sint32": "Int32", "uint32": "UInt32", "uint64": "UInt64", "fixed32": "UInt32", "fixed64": "UInt64",
    "sfixed64": "Int64",
}  # fmt: skip

_DISK = {
    "durable": "fsync_after_insert = 1, fsync_part_directory = 1, min_compressed_bytes_to_fsync_after_merge = 1, "
    "number_of_free_entries_in_pool_to_lower_max_size_of_merge = 1",
    "many_small_parts": "min_parts_to_merge_at_once = 16",
    "large_table": "min_bytes_for_wide_part = 134217728, min_parts_to_merge_at_once = 32, "
    "parts_to_delay_insert = 3000, parts_to_throw_insert = 6000",
}


@dataclass(frozen=True)
class Statement:
    name: str
    sql: str

    @property
    def about(self) -> str:
        """The table or view."""
        return self.name.split("_", 1)[1]


def inbox_columns(proto: str) -> str:
    """The columns of a table that reads messages of `proto` (its last message), nested messages as tuples.

    A comment line above the first message is enough documentation for both; there is no second list of fields.
    """
    text = re.sub(r"//.*", "", proto)
    messages = {
        name: re.findall(r"(repeated )?(\w+) (\w+) = \d+;", body)
        for name, body in re.findall(r"message (\w+) \{(.*?)\}", text, re.S)
    }

    def column_type(kind: str) -> str:
        if kind in _SCALARS:
            return _SCALARS[kind]
        return f"Tuple({', '.join(fields(kind))})"

    def fields(message: str) -> Iterator[str]:
        for repeated, kind, name in messages[message]:
            yield f"{name} Array({column_type(kind)})" if repeated else f"{name} {column_type(kind)}"

    return ", ".join(fields(list(messages)[-1]))


def statements(words: Mapping[str, str], cluster: str = "") -> Iterator[Statement]:
    """All statements in order, ready to run. `cluster`: the name of a ClickHouse cluster, or '' for one node."""
    fixed = {
        **_DISK,
        **_cluster_words(cluster),
        "decoders": (SCHEMA_DIR / "decoders.sql.inc").read_text().strip(),
        "metrics_each": (SCHEMA_DIR / "otlp_metrics_each.sql.inc").read_text().strip(),
        **words,
    }
    for path in sorted(SCHEMA_DIR.glob("[0-9]*.sql")):
        text = path.read_text()
        for inbox in INBOXES:
            if path.stem.endswith(f"{inbox}_inbox"):
                fixed["inbox_columns"] = inbox_columns((SCHEMA_DIR / f"{inbox}.proto").read_text())
        text = re.sub(r"\$plain_attributes\(([\w.]+)\)", rf"arrayAll(kv -> ascii(kv.value) IN {_PLAIN_TAGS}, \1)", text)
        text = re.sub(r"\$plain_value\(([\w.]+)\)", rf"(ascii(\1) IN {_PLAIN_TAGS})", text)
        if "CHECK" in text:
            head, check = text.split("CHECK")
            text = f"{head}CHECK{_explicit_tuple_access(check)}"
        sql = Template(text).substitute(fixed)
        yield Statement(path.stem, _replicated(sql) if cluster else sql)
        if cluster and (table := re.search(r"CREATE TABLE IF NOT EXISTS (\w+)_local ", sql)):
            yield Statement(f"{path.stem}_distributed", _distributed(table[1], cluster))


def changes(words: Mapping[str, str], cluster: str = "") -> Iterator[Statement]:
    """What brings tables and views of an older version up to `statements`, in order; it may be repeated."""
    selects = {
        "unfold_traces": selected("003_otlp_traces_unfold", words),
        "unfold_instances": selected("007_service_instances_unfold", words),
        "call_spans": selected("008_call_spans", words),
    }
    for path in sorted(CHANGES_DIR.glob("[0-9]*.sql")):
        sql = Template(path.read_text()).substitute({**_cluster_words(cluster), **words, **selects})
        yield Statement(f"changes/{path.stem}", sql)


def selected(view: str, words: Mapping[str, str]) -> str:
    """The SELECT of the view in file `view`."""
    (text,) = (one.sql for one in statements(words) if one.name == view)
    return text.partition(" AS\n")[2]


def unfolding(view: str, words: Mapping[str, str], inbox: str) -> str:
    """The same, reading from another `inbox`."""
    return re.sub(r"\botlp_\w+_inbox\b", inbox, selected(view, words))


def _explicit_tuple_access(check: str) -> str:
    """`a.b.c` as tupleElement calls: constraints do not go through the analyser that understands the short form."""

    def rewrite(match: re.Match[str]) -> str:
        name, *path = match[0].split(".")
        for part in path:
            name = f"tupleElement({name}, '{part}')"
        return name

    return re.sub(r"\b[a-z]+(\.[a-z_]+)+\b", rewrite, check)


def insert_settings(inbox: str) -> dict[str, str]:
    """Settings by which the engine reads a serialised export request into `inbox`."""
    return {
        "format_schema_source": "string",
        "format_schema": (SCHEMA_DIR / f"{inbox}.proto").read_text(),
        "format_schema_message_name": "ExportRequest",
    }


def _cluster_words(cluster: str) -> dict[str, str]:
    return {"on_cluster": f"ON CLUSTER `{cluster}`" if cluster else "", "local": "_local" if cluster else ""}


_MERGE_TREE = re.compile(r"ENGINE = (\w*MergeTree)(?:\((.*?)\))?")
_EVERY_NODE = "'/clickhouse/tables/{uuid}/every_node', '{shard}-{replica}'"  # the braces are the server's macros


def _replicated(sql: str) -> str:
    """The engine of a table on a cluster. A large table (`…_local`) is sharded, and replicated within its shard; a
    small one has every node as a replica, so that each reads it whole.
    """
    if "_local " in sql:
        return _MERGE_TREE.sub(r"ENGINE = Replicated\1", sql)
    return _MERGE_TREE.sub(
        lambda engine: f"ENGINE = Replicated{engine[1]}({_EVERY_NODE}{f', {engine[2]}' if engine[2] else ''})", sql
    )


_SHARDING_KEYS = {
    "otel_traces": "cityHash64(TraceId)",
    "otel_logs": "if(TraceId = '', rand(), cityHash64(TraceId))",
}


def _distributed(table: str, cluster: str) -> str:
    return (
        f"CREATE TABLE IF NOT EXISTS {table} ON CLUSTER `{cluster}` AS {table}_local "
        f"ENGINE = Distributed(`{cluster}`, currentDatabase(), {table}_local, {_SHARDING_KEYS.get(table, 'rand()')})"
    )
