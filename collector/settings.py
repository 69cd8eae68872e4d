"""The collector's settings: read once from `SPANSCAPE_…` variables and the command line, validated, then passed down.

Every field is described in docs/configuration.md; a test says so.
"""

import re
from typing import Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SPANSCAPE_", frozen=True, extra="ignore")

    store_url: str = "chdb://./data"
    store_readonly: bool = False
    cluster: str = ""
    host: str = "127.0.0.1"
    otlp_http_port: int = Field(4318, ge=0, le=65535)
    otlp_grpc_port: int = Field(4317, ge=0, le=65535)
    api_port: int = Field(4320, ge=0, le=65535)
    cors_origins: str = "http://localhost:*,http://127.0.0.1:*,http://[::1]:*"

    max_body_bytes: int = Field(32 * 2**20, ge=1024)
    queue_max_bytes: int = Field(128 * 2**20, ge=2**20)
    commit_max_bytes: int = Field(16 * 2**20, ge=2**16)
    commit_linger_ms: float = Field(250.0, ge=0, le=1000)
    commit_writers: int = Field(2, ge=1, le=16)
    drain_timeout_s: float = Field(30.0, gt=0)

    retention_days: int = Field(7, ge=0)
    max_disk_bytes: int = Field(0, ge=0)
    retention_interval_s: float = Field(60.0, gt=0)

    rollup_interval_s: float = Field(0.5, gt=0)
    rollup_share: float = Field(0.2, gt=0, le=1)
    pairing_grace_s: float = Field(15.0, ge=0)

    breakers_interval_s: float = Field(0.5, gt=0)
    breakers_stale_min_s: float = Field(15.0, gt=0)
    breakers_file: str = ""
    health_interval_s: float = Field(1.0, gt=0)
    health_expires_min_s: float = Field(15.0, gt=0)
    health_forget_s: float = Field(900.0, gt=0)
    health_max_body_bytes: int = Field(256 * 2**10, ge=1024)
    health_targets: str = ""
    health_targets_file: str = ""
    health_registry_url: str = ""
    health_poll_interval_s: float = Field(10.0, gt=0)
    health_poll_timeout_s: float = Field(3.0, gt=0)
    health_poll_concurrency: int = Field(8, ge=1, le=256)

    query_timeout_s: float = Field(10.0, gt=0)
    query_threads: int = Field(4, ge=1, le=64)
    query_max_range_days: int = Field(31, ge=1)
    query_max_rows: int = Field(10_000, ge=1)
    search_max_spans: int = Field(200_000, ge=1000)
    completion_max_spans: int = Field(20_000, ge=1)
    topology_max_traces: int = Field(2000, ge=1)
    trace_max_spans: int = Field(200_000, ge=1)
    trace_cache_spans: int = Field(400_000, ge=0)
    trace_typical_of: int = Field(50, ge=1, le=1000)
    trace_max_skew_s: float = Field(3600.0, ge=0)
    upload_max_bytes: int = Field(32 * 2**20, ge=1024)
    uploads_max_count: int = Field(50, ge=1, le=10_000)
    uploads_max_bytes: int = Field(128 * 2**20, ge=1024)
    uploads_keep_s: float = Field(3600.0, gt=0)
    doctor_max_spans: int = Field(200_000, ge=1)
    memory_max_bytes: int = Field(0, ge=0)
    log_level: str = "WARNING"

    @field_validator("store_url")
    @classmethod
    def _store_url_names_an_engine(cls, url: str) -> str:
        if not re.match(r"(chdb|clickhouse|clickhouses)://.+", url):
            raise ValueError(f"expected chdb://PATH or clickhouse://user:password@host:8123/database, got {url!r}")
        return url

    @field_validator("log_level")
    @classmethod
    def _log_level_is_known(cls, level: str) -> str:
        if level.upper() not in _LOG_LEVELS:
            raise ValueError(f"expected one of {', '.join(_LOG_LEVELS)}, got {level!r}")
        return level

    @field_validator("cluster")
    @classmethod
    def _cluster_is_a_plain_name(cls, name: str) -> str:
        if not re.fullmatch(r"[\w.-]*", name):
            raise ValueError(f"a cluster's name has letters, digits, '.', '_' and '-' only, got {name!r}")
        return name

    @model_validator(mode="after")
    def _a_cluster_is_reached_through_a_server(self) -> Self:
        if self.cluster and self.store_url.startswith("chdb:"):
            raise ValueError("a cluster needs a clickhouse:// store: the embedded engine is a single node")
        return self
