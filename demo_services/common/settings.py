"""What a service needs to know, read once from `SHOP_…` environment variables."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from demo_services.catalogue import SERVICES

OtlpProtocol = Literal["http/protobuf", "grpc"]


class ServiceSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SHOP_", frozen=True)

    host: str = "127.0.0.1"
    port: int | None = Field(default=None, ge=1, le=65535)  # None: the port the catalogue gives the service
    data_dir: Path = Path("shop-data")  # holds one SQLite file per service that has a database
    gateway_url: str = SERVICES["gateway"].default_url
    orders_url: str = SERVICES["orders"].default_url
    inventory_url: str = SERVICES["inventory"].default_url
    otlp_endpoint: str = "http://127.0.0.1:4318"  # a base URL; /v1/traces and so on are added for HTTP
    otlp_protocol: OtlpProtocol = "http/protobuf"
    environment: str = "demo"
    seed: int = 1  # of the random faults
    slow_share: float = Field(default=0.03, ge=0, le=1)  # of reservations
    failing_share: float = Field(default=0.01, ge=0, le=1)  # of reservations
    supervised: bool = False  # stdin is a pipe whose end means that the supervisor is gone
