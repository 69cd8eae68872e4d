"""The shapes of answers about uploads."""

from typing import Annotated

from pydantic import BaseModel, Field

from collector.api.models import TraceSummary

UploadToken = Annotated[
    str,
    Field(description="the parameter `upload` of calls about one trace", examples=["9f86d081884c7d659f86d081884c7d65"]),
]


class Uploaded(BaseModel):
    upload: UploadToken
    format: str = Field(description="as it was recognised", examples=["Jaeger"])
    expires_at: str = Field(examples=["2026-01-31T13:00:03.120000+00:00"])
    span_count: int = Field(examples=[12])
    trace_count: int = Field(examples=[1])
    traces: list[TraceSummary] = Field(description="the earliest, at most 100")
    refused: int = Field(description="spans that were left out", examples=[0])
    reason: str = Field(description="why, or empty", examples=[""])


class Stored(BaseModel):
    upload: UploadToken
    stored: int = Field(description="spans", examples=[12])
