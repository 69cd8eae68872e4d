"""What is asked for its health: `SPANSCAPE_HEALTH_TARGETS` and `SPANSCAPE_HEALTH_TARGETS_FILE`."""

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from collector.conventions.health import BY_NAME, KINDS
from collector.errors import CollectorError

_EXPECTED = "service=http://host:port/path or service/instance=grpc://host:port/name, separated by commas"


@dataclass(frozen=True)
class Target:
    service: str
    url: str
    """http, https or grpc; of a grpc URL the path is the name of the service that is asked for, '' for the server."""
    instance: str = ""
    namespace: str = ""
    format: str = ""
    """'' to detect it."""
    kind: str = "overall"

    def __post_init__(self) -> None:
        """Raises ValueError that says what is wrong."""
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https", "grpc") or not parts.hostname:
            raise ValueError(f"{self.url!r} is no http, https or grpc URL")
        _ = parts.port
        if not self.service:
            raise ValueError(f"{self.url}: no service")
        if self.format and self.format not in BY_NAME:
            raise ValueError(f"{self.url}: format {self.format!r} is none of {', '.join(sorted(BY_NAME))}")
        if self.kind not in KINDS:
            raise ValueError(f"{self.url}: kind {self.kind!r} is none of {', '.join(KINDS)}")


def read_targets(text: str, file: str) -> list[Target]:
    """Raises CollectorError that names the setting."""
    try:
        targets = [_target(one.strip()) for one in text.split(",") if one.strip()]
    except ValueError as error:
        raise CollectorError(f"SPANSCAPE_HEALTH_TARGETS: {error}; expected {_EXPECTED}") from error
    if not file:
        return targets
    try:
        return [*targets, *(_of_file(one) for one in json.loads(Path(file).read_text()))]
    except (OSError, ValueError, TypeError) as error:
        names = ", ".join(field.name for field in fields(Target))
        message = f"SPANSCAPE_HEALTH_TARGETS_FILE {file}: {error}; expected a JSON list of objects with {names}"
        raise CollectorError(message) from error


def _target(text: str) -> Target:
    name, is_there, url = text.partition("=")
    if not is_there:
        raise ValueError(f"{text!r} has no =")
    service, _, instance = name.strip().partition("/")
    return Target(service, url.strip(), instance)


def _of_file(one: Any) -> Target:
    if not isinstance(one, dict) or not all(isinstance(value, str) for value in one.values()):
        raise ValueError(f"{one!r} is no object with text values")
    return Target(**one)
