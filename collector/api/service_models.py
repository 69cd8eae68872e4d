"""The shapes of answers about one service, see models.py."""

from pydantic import BaseModel, Field

from collector.api.models import LogRecord, Red, TraceId


class ServiceLogRecord(LogRecord):
    trace_id: TraceId = Field(description="empty where the record has none")


class ServiceLogs(BaseModel):
    severity: str = Field(description="as asked for", examples=["info"])
    logs: list[ServiceLogRecord]


class Version(Red):
    version: str = Field(description="empty where the resource has none", examples=["1.4.0"])
    instances: int = Field(examples=[2])
    first_seen: str = Field(examples=["2026-01-31T12:00:03.120000+00:00"])
    last_seen: str = Field(examples=["2026-01-31T12:14:58.120000+00:00"])


class Versions(BaseModel):
    start: str = Field(
        description="calls are counted from here on: at most 6 hours", examples=["2026-01-31T12:00:00.000000+00:00"]
    )
    end: str = Field(examples=["2026-01-31T12:15:00.000000+00:00"])
    versions: list[Version]
