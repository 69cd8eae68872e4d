"""What happened, in one list: breakers that moved, health that changed, faults that were injected, versions that were deployed."""

from collections.abc import Callable, Iterator

from collector.queries import breaker_instances, deployments, health
from collector.queries.moments import moment_text
from collector.queries.scope import EVERYTHING, Scope, Whereabouts, whereabouts
from collector.queries.statements import statement
from collector.queries.time_range import TimeRange
from collector.store.engine import Row, Store

KINDS = ("breaker", "health", "fault", "deployment")


def list_events(
    store: Store, window: TimeRange, kinds: tuple[str, ...], limit: int, scope: Scope = EVERYTHING
) -> list[Row]:
    """As in the API, newest first. What does not say where it happened is where its service runs."""
    found = [row for kind in kinds for row in _SOURCES[kind](store, window, limit, scope)]
    return sorted(found, key=lambda row: row["at"], reverse=True)[:limit]


def _event(at: str | None, kind: str, service: str, title: str, detail: str = "", trace_id: str = "") -> Row:
    return {"at": at, "kind": kind, "service": service, "title": title, "detail": detail, "trace_id": trace_id}


def _breakers(store: Store, window: TimeRange, limit: int, scope: Scope) -> Iterator[Row]:
    moves = breaker_instances.list_transitions(store, window, limit=limit)
    for row in whereabouts(store, window, scope).within(scope, moves):
        to_state = row["to"].replace("_", " ")
        where = f" ({row['instance']})" if row["instance"] else ""
        title = f"Breaker {row['name']} is {to_state}{where}"
        yield _event(row["at"], "breaker", row["service"], title, row["reason"], row["trace_id"])


def _health(store: Store, window: TimeRange, limit: int, scope: Scope) -> Iterator[Row]:
    for row in health.list_changes(store, window, "", limit, scope):
        title = f"{row['instance'] or row['service']} is {row['to']}"
        detail = " ".join(reason["text"] for reason in row["reasons"] if reason["status"] == row["to"])
        yield _event(row["at"], "health", row["service"], title, detail)


def _faults(store: Store, window: TimeRange, limit: int, scope: Scope) -> Iterator[Row]:
    if not store.has_event_names:
        return
    found = store.query(statement("fault_events"), {**window.parameters, "limit": limit})
    for row in whereabouts(store, window, scope).within(scope, found):
        done = "injected" if row["event"] == "fault.injected" else "reverted"
        title = f"Fault {done}: {row['fault'] or 'unnamed'}"
        duration = f" for {row['duration_s']} s" if row["duration_s"] and done == "injected" else ""
        detail = f"{row['detail']}{duration}"
        yield _event(moment_text(row["at_ns"]), "fault", row["service"], title, detail, row["trace_id"])


def _deployments(store: Store, window: TimeRange, limit: int, scope: Scope) -> Iterator[Row]:
    where = whereabouts(store, window, scope)
    told = [one for one in deployments.list_deployments(store, window) if _is_within(where, scope, one)]
    for found in told[-limit:]:
        title = f"{found.service} {found.earlier} → {found.version}"
        place = f"in {found.environment}" if found.environment else ""
        detail = "; ".join(filter(None, (place, f"{found.version} ran before" if found.again else "")))
        yield _event(moment_text(found.at_ns), "deployment", found.service, title, detail)


def _is_within(where: Whereabouts, scope: Scope, found: deployments.Deployment) -> bool:
    """Spans say where it was: nothing is open."""
    is_there = scope.environment in ("", found.environment)
    return is_there and (
        not scope.namespace or where.of_namespace(Scope(found.environment, scope.namespace), found.service)
    )


_SOURCES: dict[str, Callable[[Store, TimeRange, int, Scope], Iterator[Row]]] = {
    "breaker": _breakers,
    "health": _health,
    "fault": _faults,
    "deployment": _deployments,
}
