"""What happened, in one list: breakers that moved, health that changed, faults that were injected, versions that were deployed."""

from collections.abc import Callable, Iterator

from collector.queries import breaker_instances, deployments, health
from collector.queries.moments import moment_text
from collector.queries.statements import statement
from collector.queries.time_range import TimeRange
from collector.store.engine import Row, Store

KINDS = ("breaker", "health", "fault", "deployment")


def list_events(store: Store, window: TimeRange, kinds: tuple[str, ...], limit: int) -> list[Row]:
    """As in the API, newest first."""
    found = [row for kind in kinds for row in _SOURCES[kind](store, window, limit)]
    return sorted(found, key=lambda row: row["at"], reverse=True)[:limit]


def _event(at: str | None, kind: str, service: str, title: str, detail: str = "", trace_id: str = "") -> Row:
    return {"at": at, "kind": kind, "service": service, "title": title, "detail": detail, "trace_id": trace_id}


def _breakers(store: Store, window: TimeRange, limit: int) -> Iterator[Row]:
    for row in breaker_instances.list_transitions(store, window, limit=limit):
        to_state = row["to"].replace("_", " ")
        where = f" ({row['instance']})" if row["instance"] else ""
        title = f"Breaker {row['name']} is {to_state}{where}"
        yield _event(row["at"], "breaker", row["service"], title, row["reason"], row["trace_id"])


def _health(store: Store, window: TimeRange, limit: int) -> Iterator[Row]:
    for row in health.list_changes(store, window, "", limit):
        title = f"{row['instance'] or row['service']} is {row['to']}"
        detail = " ".join(reason["text"] for reason in row["reasons"] if reason["status"] == row["to"])
        yield _event(row["at"], "health", row["service"], title, detail)


def _faults(store: Store, window: TimeRange, limit: int) -> Iterator[Row]:
    if not store.has_event_names:
        return
    for row in store.query(statement("fault_events"), {**window.parameters, "limit": limit}):
        done = "injected" if row["event"] == "fault.injected" else "reverted"
        title = f"Fault {done}: {row['fault'] or 'unnamed'}"
        duration = f" for {row['duration_s']} s" if row["duration_s"] and done == "injected" else ""
        detail = f"{row['detail']}{duration}"
        yield _event(moment_text(row["at_ns"]), "fault", row["service"], title, detail, row["trace_id"])


def _deployments(store: Store, window: TimeRange, limit: int) -> Iterator[Row]:
    for found in [*deployments.list_deployments(store, window)][-limit:]:
        title = f"{found.service} {found.earlier} → {found.version}"
        where = [f"in {found.environment}"] if found.environment else []
        detail = ", ".join(where + ["an earlier version again"] * found.again)
        yield _event(moment_text(found.at_ns), "deployment", found.service, title, detail)


_SOURCES: dict[str, Callable[[Store, TimeRange, int], Iterator[Row]]] = {
    "breaker": _breakers,
    "health": _health,
    "fault": _faults,
    "deployment": _deployments,
}
