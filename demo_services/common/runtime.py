"""What one process of the shop has at run time, whichever service it is: its ties to registry, peers, health and faults."""

from types import TracebackType
from typing import Protocol, Self

import sqlalchemy as sa

from demo_services.common.balancing import Balancer, Policy
from demo_services.common.faults import FaultBoard
from demo_services.common.guard import Guard, Guards
from demo_services.common.health import ErrorRate, Health, database_answers, dependency_is_reached, disk_has_room
from demo_services.common.health_push import HealthPush
from demo_services.common.peers import Peer
from demo_services.common.registry_client import Registration, RegistryClient
from demo_services.common.settings import ServiceSettings
from demo_services.common.telemetry import instance_of, release_of
from demo_services.services import REDIS, REGISTRY, REPORTING, SERVICES


class Worker(Protocol):
    """Something with a thread of its own, started with the process and stopped with it."""

    def start(self) -> None: ...

    def stop(self) -> None: ...


class Runtime:
    """Made once, in main(). While its block runs the process is registered, reports its health, and its workers work."""

    def __init__(self, name: str, settings: ServiceSettings, faults: FaultBoard) -> None:
        self.name = name
        self.settings = settings
        self.faults = faults
        self.port = settings.port or SERVICES[name].port
        self.instance = instance_of(name, settings)
        self.error_rate = ErrorRate()
        self.guards = Guards(settings)
        version = release_of(name, settings)
        self.health = Health(name, self.instance, version)
        self.health.add("requests:errorRate", self.error_rate.check)
        self._workers: list[Worker] = []
        url = settings.advertised_url or f"http://{settings.container_name or settings.host}:{self.port}"
        mine = Registration(name, self.instance, url, version)
        self.registry = RegistryClient(
            settings.registry_url, mine, settings.heartbeat_s, lambda: self.error_rate.check().status
        )

    def peer(self, name: str, policy: Policy = "round_robin", patience: float = 1.0, attempts: int = 0) -> Peer:
        """A service to call, found through the registry. `patience` stretches the timeout and what counts as slow."""
        guard = self.guards.for_target(name, patience)
        self.health.add(f"{name}:reachability", dependency_is_reached(name, lambda: guard.state))
        return Peer(
            name,
            Balancer(name, lambda: self.registry.find(name), policy),
            guard,
            self.settings.timeout_s * patience,
            attempts or self.settings.call_attempts,
        )

    def broker(self) -> Guard:
        """The guard of the calls to Redis, which serves events and caches."""
        guard = self.guards.for_target(REDIS)
        self.health.add("broker:reachability", dependency_is_reached(REDIS, lambda: guard.state))
        return guard

    def uses_database(self, engine: sa.Engine) -> None:
        self.health.add("database:responseTime", database_answers(engine), needed=True)
        self.health.add("disk:utilization", disk_has_room(self.settings.data_dir))

    def run(self, *workers: Worker) -> None:
        """From the start of the block on."""
        self._workers += workers

    def __enter__(self) -> Self:
        if self.name != REGISTRY:
            self._workers.append(self.registry)
        if self.settings.collector_url and self.name in REPORTING:
            self._workers.append(self._health_push())
        for worker in self._workers:
            worker.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in reversed(self._workers):
            worker.stop()

    def _health_push(self) -> HealthPush:
        settings = self.settings
        return HealthPush(
            settings.collector_url, self.name, self.instance, self.health.report, settings.health_interval_s
        )
