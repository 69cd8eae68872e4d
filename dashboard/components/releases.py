"""Which suspects run a version that is new: the events that the line of time shows say when it came."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, TypeAlias

from dashboard import theme
from dashboard.api_types import Topology

_BEFORE = timedelta(minutes=15)  # of the range: errors of a new version may take a while to come
_NOW = timedelta(minutes=1)  # a range that ends within it is of the present


@dataclass(frozen=True)
class Release:
    """At `at` a service went from the version `earlier` to `version`."""

    at: datetime
    earlier: str
    version: str


Releases: TypeAlias = Mapping[str, Release]
"""The newest one of each node, by its id."""
NO_RELEASES: Releases = MappingProxyType({})


def latest(events: Iterable[Mapping[str, Any]]) -> Releases:
    """Of the collector's events, newest first."""
    found: dict[str, Release] = {}
    for event in events:
        service = str(event.get("service") or "")
        if event.get("kind") == "deployment" and f"service:{service}" not in found:
            earlier, _, version = str(event["title"]).removeprefix(f"{service} ").partition(" → ")
            found[f"service:{service}"] = Release(datetime.fromisoformat(str(event["at"])), earlier, version)
    return found


def told(release: Release | None, shown: Topology) -> str:
    """In words, where it came within the range that is shown or shortly before; else nothing."""
    if release is None:
        return ""
    start, end = (datetime.fromisoformat(shown[end]) for end in ("start", "end"))
    if not start - _BEFORE <= release.at <= end:
        return ""
    is_now = datetime.now(UTC) - end < _NOW
    when = _ago(end - release.at) if is_now else f"at {theme.format_moment(release.at.isoformat())}"
    return f"{theme.shorten(release.version, 40)} came {when}, {theme.shorten(release.earlier, 40)} before"


def _ago(passed: timedelta) -> str:
    minutes = int(passed.total_seconds() // 60)
    if minutes < 1:
        return "less than a minute ago"
    return f"{minutes} min ago" if minutes < 120 else f"{minutes // 60} h ago"
