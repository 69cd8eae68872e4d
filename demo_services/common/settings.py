"""What a service needs to know, read once from `SHOP_…` environment variables."""

import socket
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from demo_services.services import PROVIDER, REDIS_PORT, REGISTRY, SERVICES

OtlpProtocol = Literal["http/protobuf", "grpc"]


class ServiceSettings(BaseSettings):
    """Every field is the variable `SHOP_<FIELD>`; docs/configuration.md says the same to users."""

    model_config = SettingsConfigDict(env_prefix="SHOP_", frozen=True)

    # Who and where this process is.
    host: str = "127.0.0.1"  # "0.0.0.0" in a container, which is then known by its host name
    port: int | None = Field(default=None, ge=1, le=65535)  # None: the port that the table of services gives it
    instance: str = ""  # service.instance.id; "": the service's name and the process id, in a container the host name
    advertised_url: str = ""  # what the registry tells others; "": http://<host>:<port>
    version: str = ""  # service.version; "": that of the table of services
    environment: str = "demo"
    supervised: bool = False  # stdin is a pipe whose end means that the supervisor is gone

    # What it needs.
    data_dir: Path = Path("shop-data")  # holds one SQLite file per service that has a database
    database_url: str = ""  # an SQLAlchemy URL like postgresql+psycopg://user@host/orders; "": SQLite in data_dir
    redis_url: str = f"redis://127.0.0.1:{REDIS_PORT}/0"
    registry_url: str = SERVICES[REGISTRY].default_url
    provider_url: str = SERVICES[PROVIDER].default_url
    mail_host: str = "127.0.0.1"
    mail_port: int = SERVICES["mail"].port
    jwt_secret: str = "demo-secret-of-the-shop-not-for-production"

    # Telemetry.
    otlp_endpoint: str = "http://127.0.0.1:4318"  # a base URL; /v1/traces and so on are added for HTTP
    otlp_protocol: OtlpProtocol = "http/protobuf"
    sample_ratio: float = Field(default=1.0, ge=0, le=1)  # of traces that begin here; a caller's choice is kept
    metrics_interval_s: float = Field(default=5.0, gt=0)
    collector_url: str = "http://127.0.0.1:4320"  # the collector's API, for health; "": health is not pushed
    health_interval_s: float = Field(default=5.0, gt=0)

    # Patterns.
    lease_s: float = Field(default=6.0, gt=0)  # an instance that does not renew for so long is gone
    heartbeat_s: float = Field(default=2.0, gt=0)  # pause between two renewals
    rate_limit_per_s: float = Field(default=20.0, gt=0)  # of one user, at the gateway
    rate_limit_burst: int = Field(default=40, ge=1)
    timeout_s: float = Field(default=2.0, gt=0)  # of one call to a service at the end of the chain
    call_attempts: int = Field(default=3, ge=1)  # of calls that may be repeated
    max_concurrent_calls: int = Field(default=16, ge=1)  # of one caller to one service: the bulkhead
    breaker_failure_rate: float = Field(default=0.5, gt=0, le=1)
    breaker_slow_call_rate: float = Field(default=0.6, gt=0, le=1)
    breaker_slow_call_s: float = Field(default=1.0, gt=0)
    breaker_minimum_calls: int = Field(default=5, ge=1)
    breaker_window_s: int = Field(default=10, ge=1)
    breaker_open_s: float = Field(default=5.0, gt=0)
    breaker_probe_calls: int = Field(default=2, ge=1)  # that decide, half open, whether to close
    saga_lease_s: float = Field(default=4.0, gt=0)  # a saga that nobody drove for so long is taken up again
    saga_stuck_s: float = Field(default=10.0, gt=0)  # an unfinished saga older than this is reported as stuck
    redelivery_s: float = Field(default=2.0, gt=0)  # a message not acknowledged for so long is delivered again
    max_deliveries: int = Field(default=4, ge=1)  # then it goes to the dead letters
    cache_ttl_s: float = Field(default=2.0, ge=0)

    # Things that go wrong.
    faults: bool = False  # whether PUT /_faults is there
    seed: int = 1  # of the random faults
    decline_share: float = Field(default=0.03, ge=0, le=1)  # of charges that the provider declines
    slow_share: float = Field(default=0.02, ge=0, le=1)  # of reservations that take 0.3 to 0.9 s longer

    @property
    def container_name(self) -> str:
        """The host name, if this process listens on all addresses; else "". Others reach a container by its host name,
        and all its process ids are alike.
        """
        return socket.gethostname() if self.host in ("0.0.0.0", "::") else ""
