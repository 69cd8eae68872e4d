"""Which part of a system a question is about: an environment, the services of a namespace, or both."""

from dataclasses import asdict, dataclass

from collector.queries import sources
from collector.queries.statements import statement
from collector.queries.time_range import TimeRange
from collector.store.engine import Row, Store


@dataclass(frozen=True, slots=True)
class Scope:
    """An empty text does not restrict. `environment` is `deployment.environment.name`, or as it was called before."""

    environment: str = ""
    namespace: str = ""

    @property
    def is_everything(self) -> bool:
        return not (self.environment or self.namespace)


EVERYTHING = Scope()


def names_within(store: Store, window: TimeRange, scope: Scope) -> set[str] | None:
    """Services with a resource in the scope that sent spans in the minutes of the window; None for all services."""
    if scope.is_everything:
        return None
    sql = statement("services_in_scope", instances=sources.instances(store))
    return {row["name"] for row in store.query(sql, {**window.minutes, **asdict(scope)})}


def names_of_namespace(store: Store, window: TimeRange, scope: Scope) -> set[str] | None:
    """The same of the scope's namespace alone, in whatever environment."""
    return names_within(store, window, Scope(namespace=scope.namespace))


def instances_elsewhere(store: Store, window: TimeRange, scope: Scope) -> frozenset[tuple[str, str]]:
    """Services and ids of instances that sent spans in the window, but none in the environment. What sends no spans does not say
    where it runs."""
    if not scope.environment:
        return frozenset()
    sql = statement("instances_elsewhere", instances=sources.instances(store))
    rows = store.query(sql, {**window.minutes, "environment": scope.environment})
    return frozenset((row["service"], row["instance"]) for row in rows)


def only_within(store: Store, window: TimeRange, scope: Scope, rows: list[Row], name: str = "service") -> list[Row]:
    """Rows of services in the scope, by their field `name`, and of those that say themselves that they are in its
    namespace: what reports its health without sending spans has no environment. Rows of an `instance` elsewhere are left out.
    """
    names = names_within(store, window, scope)
    if names is None:
        return rows
    namespace = "" if scope.environment else scope.namespace
    kept = [row for row in rows if row[name] in names or (namespace and row.get("namespace") == namespace)]
    if not any("instance" in row for row in kept):
        return kept
    elsewhere = instances_elsewhere(store, window, scope)
    return [row for row in kept if (row[name], row.get("instance")) not in elsewhere]
