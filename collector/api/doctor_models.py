"""The shapes of the doctor's answers. See `models`."""

from typing import Literal

from pydantic import BaseModel, Field


class DoctorExample(BaseModel):
    text: str = Field(examples=["gateway → orders: POST /orders"])
    count: int = Field(examples=[12])
    service: str = Field(description="empty where none is concerned", examples=["orders"])
    trace_id: str = Field(description="empty where none is known", examples=["4bf92f3577b34da6a3ce929d0e0e4736"])


class DoctorCheck(BaseModel):
    id: str = Field(examples=["missing_parents"])
    title: str = Field(examples=["Spans whose parent is missing"])
    status: Literal["ok", "notice", "problem"] = Field(examples=["notice"])
    count: int = Field(description="among the newest spans of the range", examples=[12])
    summary: str = Field(examples=["12 spans (0.8 %) name a parent that is not stored"])
    examples: list[DoctorExample]
    advice: str = Field(description="what to do; empty when all is well", examples=["Look at its exporter's errors."])


class Doctor(BaseModel):
    checks: list[DoctorCheck] = Field(description="problems first")
