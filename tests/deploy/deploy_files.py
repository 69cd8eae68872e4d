"""The files of a deployment as data, and what the code says about ports, settings and health paths."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

import collector.settings
import dashboard.settings
from demo_services.common.settings import ServiceSettings
from demo_services.services import REDIS_PORT, SERVICES

ROOT = Path(__file__).parents[2]
KUBERNETES = ROOT / "deploy" / "kubernetes"
SCHEMAS = Path(__file__).parent / "schemas"
DATABASE_SERVICES = {name for name, service in SERVICES.items() if any("sqlite/" in base for base in service.databases)}

_COLLECTOR = collector.settings.Settings.model_fields
_DASHBOARD = dashboard.settings.Settings.model_fields
COLLECTOR_PORTS = {_COLLECTOR[f"{name}_port"].default for name in ("otlp_grpc", "otlp_http", "api")}
SETTINGS = {
    "collector": {f"SPANSCAPE_{field.upper()}" for field in _COLLECTOR},
    "dashboard": {f"SPANSCAPE_{field.upper()}" for field in _DASHBOARD},
    "shop": {f"SHOP_{field.upper()}" for field in ServiceSettings.model_fields},
}
"""Environment variables that the processes of each image target read."""

PORTS = {
    "collector": COLLECTOR_PORTS,
    "dashboard": {_DASHBOARD["dashboard_port"].default},
    "redis": {REDIS_PORT},
    "postgres": {5432},
    "clickhouse-1": {8123},
    **{name: {service.port} for name, service in SERVICES.items()},
}
"""Where each host of a deployment listens."""


@cache
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def documents(folder: str) -> list[dict[str, Any]]:
    """The manifests that the folder's kustomization lists, as written."""
    names = kustomization(folder)["resources"]
    files = [KUBERNETES / folder / name for name in names if name.endswith(".yaml")]
    return [document for file in files for document in yaml.safe_load_all(file.read_text())]


def kustomization(folder: str) -> dict[str, Any]:
    return yaml.safe_load((KUBERNETES / folder / "kustomization.yaml").read_text())


def hosts_and_ports(text: str) -> list[tuple[str, int]]:
    """Of every URL with a port in a text."""
    return [(match[1], int(match[2])) for match in re.finditer(r"://(?:[^@/\s]*@)?([\w.-]+):(\d+)", text)]


def module_of(command: list[str]) -> str:
    """Of a command `python -m MODULE …`."""
    assert command[:2] == ["python", "-m"], command
    return command[2]


def served_paths(target: str) -> set[str]:
    """Paths without parameters that processes of an image target answer."""
    return {getattr(route, "path", "") for route in _routes(target)}


@cache
def _routes(target: str) -> tuple[Any, ...]:
    if target == "dashboard":
        from dashboard.app import _server
        from dashboard.client import CollectorClient

        return tuple(_server(CollectorClient("http://127.0.0.1:1"), dashboard.settings.Settings()).routes)
    if target == "shop":
        from fastapi import FastAPI

        from demo_services.common.faults import FaultBoard
        from demo_services.common.runtime import Runtime
        from demo_services.common.serving import complete

        runtime = Runtime("registry", ServiceSettings(), FaultBoard(lambda fault, injected: None))
        return tuple(complete(FastAPI(), runtime).routes)
    from collector.api.app import build_api

    settings: Any = collector.settings.Settings()
    nothing: Any = None
    return tuple(build_api(nothing, settings, nothing, (nothing, nothing), (nothing, nothing), nothing, "0").routes)
