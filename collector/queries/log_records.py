"""Log records: those of a service, and how a row becomes a record of the API."""

from typing import Any

from collector.queries import spans
from collector.queries.statements import statement
from collector.queries.time_range import TimeRange
from collector.store.engine import Row, Store

SEVERITIES = {"": 0, "trace": 1, "debug": 5, "info": 9, "warn": 13, "error": 17, "fatal": 21}
"""The least severity number of each, as OpenTelemetry's data model for logs has them; any without a name."""


def list_service_logs(
    store: Store, service: str, window: TimeRange, severity: str, limit: int, environment: str = ""
) -> list[Row]:
    """Newest first, of `severity` (a key of SEVERITIES) or worse."""
    wanted = {"service": service, "environment": environment, "severity": SEVERITIES[severity], "limit": limit}
    return log_records(store, "service_logs", {**window.parameters, **window.minutes, **wanted})


def log_records(store: Store, name: str, parameters: dict[str, Any]) -> list[Row]:
    """The answer of a statement about log records, as in the API."""
    if not store.has_logs:
        return []
    types = {"BodyType": str(spans.STRING), "LogAttributeTypes": "[]"}  # the exporter keeps text only
    columns = {each: each for each in types} if store.has_call_columns else types
    sql = statement(name, EventName="EventName" if store.has_event_names else "''", **columns)
    rows = store.query(sql, parameters)
    for row in rows:
        row["time_ns"] = str(row["time_ns"])
        row["body"] = spans.typed(row["body"], row.pop("body_type"))
        row["attributes"] = spans.attributes(row["attributes"], row.pop("attribute_types"))
    return rows
