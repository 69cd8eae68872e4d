"""Which part of a system a question is about: an environment, the services of a namespace, or both."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from collector.queries import sources
from collector.queries.statements import statement
from collector.queries.time_range import TimeRange
from collector.store.engine import Row, Store

LOOK_BACK_NS = 3600 * 10**9
"""For so long it counts where a service or an instance sent spans from."""


@dataclass(frozen=True, slots=True)
class Scope:
    """An empty text does not restrict. `environment` is `deployment.environment.name`, or as it was called before."""

    environment: str = ""
    namespace: str = ""

    @property
    def is_everything(self) -> bool:
        return not (self.environment or self.namespace)


EVERYTHING = Scope()


class Whereabouts:
    """In which environments and namespaces services and instances were seen to send spans.

    What sends no spans does not say where it runs: it is in every environment. An instance without an id is in those of its
    service.
    """

    def __init__(self, seen: Iterable[Row] = ()) -> None:
        """`seen`: rows of instances_seen.sql."""
        self._services: defaultdict[str, set[str]] = defaultdict(set)
        self._instances: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self._namespaces: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
        for row in seen:
            service, environment = row["service"], row["environment"]
            self._services[service].add(environment)
            if row["instance"]:
                self._instances[service, row["instance"]].add(environment)
            self._namespaces[service].update((environment, one) for one in row["namespaces"])

    def environments(self) -> list[str]:
        """All that are named."""
        return sorted({one for found in self._services.values() for one in found if one})

    def knows(self, service: str) -> bool:
        """Whether it was seen to send spans at all."""
        return service in self._services

    def are_in(self, environment: str, service: str, instance: str = "") -> bool:
        """Whether the service, or the instance of it, is in the environment or may be."""
        if not environment:
            return True
        known = self._services.get(service)
        if known is not None and environment not in known:
            return False
        there = self._instances.get((service, instance))
        return there is None or environment in there

    def of_namespace(self, scope: Scope, service: str) -> bool:
        """Whether it was seen to send spans from the scope's namespace, in its environment."""
        return any(
            namespace == scope.namespace and environment == (scope.environment or environment)
            for environment, namespace in self._namespaces.get(service, ())
        )

    def within(self, scope: Scope, rows: list[Row], name: str = "service") -> list[Row]:
        """Rows about what is in the scope: a service by their field `name`, or one `instance` of it. What a row says itself of its
        `environment` and `namespace` counts before what spans say."""
        return rows if scope.is_everything else [row for row in rows if self._keeps(scope, row, name)]

    def _keeps(self, scope: Scope, row: Row, name: str) -> bool:
        said = row.get("environment")
        if scope.environment and said and said != scope.environment:
            return False
        if not said and not self.are_in(scope.environment, row[name], row.get("instance") or ""):
            return False
        namespace = scope.namespace
        return not namespace or row.get("namespace") == namespace or self.of_namespace(scope, row[name])


def names_within(store: Store, window: TimeRange, scope: Scope) -> set[str] | None:
    """Services with a resource in the scope that sent spans in the minutes of the window; None for all services."""
    if scope.is_everything:
        return None
    sql = statement("services_in_scope", instances=sources.instances(store))
    return {row["name"] for row in store.query(sql, {**window.minutes, **asdict(scope)})}


def names_of_namespace(store: Store, window: TimeRange, scope: Scope) -> set[str] | None:
    """The same of the scope's namespace alone, in whatever environment."""
    return names_within(store, window, Scope(namespace=scope.namespace))


def named_of_namespace(store: Store, window: TimeRange, scope: Scope) -> dict[str, Any]:
    """The same as the values of is_named.sql.inc."""
    names = names_of_namespace(store, window, scope)
    return {"named": names is not None, "names": sorted(names or ())}


def whereabouts(store: Store, window: TimeRange, scope: Scope) -> Whereabouts:
    """As of the window and the hour before it; empty where nothing is restricted."""
    if scope.is_everything or not store.has_rollups:
        return Whereabouts()
    late = TimeRange(max(window.start_ns - LOOK_BACK_NS, 0), window.end_ns)
    return Whereabouts(store.query(statement("instances_seen"), {**late.minutes, "at_ns": window.end_ns}))
