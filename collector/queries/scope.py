"""Which services a question is about: those of an environment, of a namespace, or of both."""

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


def only_within(store: Store, window: TimeRange, scope: Scope, rows: list[Row], name: str = "service") -> list[Row]:
    """Rows of services in the scope, by their field `name`, and of those that say themselves that they are in its
    namespace: what reports its health without sending spans has no environment.
    """
    names = names_within(store, window, scope)
    if names is None:
        return rows
    namespace = "" if scope.environment else scope.namespace
    return [row for row in rows if row[name] in names or (namespace and row.get("namespace") == namespace)]
