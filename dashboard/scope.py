"""Which services every page shows: those of an environment, of a namespace, or of both."""

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


EVERYTHING = Scope()


def scope(chosen: Mapping[str, str] | None) -> Scope:
    """The scope of a store that the browser filled from the address."""
    chosen = chosen or {}
    return Scope(chosen.get("environment") or "", chosen.get("namespace") or "")
