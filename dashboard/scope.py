"""Which services every page shows: those of an environment, of a namespace, or of both."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


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


def mixed_words(services: Iterable[Mapping[str, Any]], environment: str) -> str:
    """Whose numbers are not of this environment alone, in words: a service is counted as one in all of its environments."""
    others = [{*(service.get("environments") or ())} - {environment} for service in services] if environment else []
    mixed = [other for other in others if other]
    if not mixed:
        return ""
    whose = "1 service" if len(mixed) == 1 else f"{len(mixed)} services"
    return f"numbers of {whose} include {', '.join(sorted(set().union(*mixed))[:3])}"


def scope(chosen: Mapping[str, str] | None) -> Scope:
    """The scope of a store that the browser filled from the address."""
    chosen = chosen or {}
    return Scope(chosen.get("environment") or "", chosen.get("namespace") or "")
