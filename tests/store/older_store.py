"""A store as it was before spans and roll-ups knew environments, and instances their first moment: the schema of today
without them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from collector.conventions import sql as conventions
from collector.store import schema

_KNOWS = ("otel_traces", "otlp_traces_unfold", "call_spans", "operations_1m", "service_edges_1m", "services_1m")
_KNOWS += ("services_stretches", "service_edges_stretches", "health_changes")
_VALUE = re.escape(conventions.environment())


_TODAY = schema.statements


def older_statements(words: Mapping[str, str], cluster: str = "") -> Iterator[schema.Statement]:
    """In place of `schema.statements`: what an older version ran."""
    for statement in _TODAY(words, cluster):
        if statement.about in _KNOWS:
            statement = replace(statement, sql=_older(statement.sql))
        yield replace(statement, sql=re.sub(r"^ +FirstSeen.*\n", "", statement.sql, flags=re.M))


def _older(sql: str) -> str:
    sql = re.sub(rf"^ *\({_VALUE}\)::LowCardinality\(String\) AS Environment,\n", "", sql, flags=re.M)
    sql = re.sub(r"^ *(Source|Target)?Environment( LowCardinality\(String\).*)?,\n", "", sql, flags=re.M)
    return re.sub(r", (Source|Target)?Environment\b|\bEnvironment, ", "", sql)
