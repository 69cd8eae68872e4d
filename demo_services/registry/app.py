"""The HTTP face of the registry. A renewal's answer is the whole directory, so that a heartbeat is one request."""

import logging
import time
from typing import Annotated

from fastapi import FastAPI, Path
from pydantic import BaseModel, Field

from demo_services.common.errors import NotFound
from demo_services.common.runtime import Runtime
from demo_services.registry.domain import Lease, Leases, Status

_log = logging.getLogger(__name__)
Name = Annotated[str, Path(min_length=1, max_length=100)]


class Renewal(BaseModel):
    service: str = Field(min_length=1, max_length=100)
    url: str = Field(pattern=r"^https?://[!-~]+$", max_length=300)
    version: str = Field(max_length=100)
    status: Status = "pass"


class Entry(BaseModel):
    instance: str
    service: str
    url: str
    version: str
    status: Status


class Directory(BaseModel):
    lease_s: float
    instances: list[Entry]


def build_app(runtime: Runtime) -> FastAPI:
    app = FastAPI(title="registry", version="1")
    leases = Leases(runtime.settings.lease_s, time.monotonic)

    def directory() -> Directory:
        return Directory(lease_s=leases.lease_s, instances=[_entry(lease) for lease in leases.list()])

    @app.put("/leases/{instance}")
    async def renew(instance: Name, renewal: Renewal) -> Directory:
        if leases.renew(instance, renewal.service, renewal.url, renewal.version, renewal.status):
            _log.info("%s registered at %s", instance, renewal.url)
        return directory()

    @app.delete("/leases/{instance}", status_code=204, responses={404: {}})
    async def deregister(instance: Name) -> None:
        if not leases.end(instance):
            raise NotFound(f"{instance}: no such instance")

    @app.get("/instances")
    async def list_instances() -> Directory:
        return directory()

    @app.get("/services/{service}")
    async def list_service(service: Name) -> list[Entry]:
        return [_entry(lease) for lease in leases.list(service)]

    return app


def _entry(lease: Lease) -> Entry:
    return Entry(
        instance=lease.instance, service=lease.service, url=lease.url, version=lease.version, status=lease.status
    )
