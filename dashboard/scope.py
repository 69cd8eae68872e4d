"""Which part of the system every page shows: an environment, the services of a namespace, or both."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Scope:
    """An empty text does not restrict."""

    environment: str = ""
    namespace: str = ""

    def params(self) -> dict[str, str]:
        """Query parameters of the API."""
        given = {"environment": self.environment, "namespace": self.namespace}
        return {name: value for name, value in given.items() if value}

    def anywhere(self) -> "Scope":
        """The same for a question that names its service: of whatever namespace."""
        return Scope(self.environment)


EVERYTHING = Scope()


def scope(chosen: Mapping[str, str] | None) -> Scope:
    """The scope of a store that the browser filled from the address."""
    chosen = chosen or {}
    return Scope(chosen.get("environment") or "", chosen.get("namespace") or "")
