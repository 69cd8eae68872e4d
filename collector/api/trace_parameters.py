"""Parameters that the calls about one trace share."""

from typing import Annotated, Literal

from fastapi import Path, Query

TraceId = Annotated[
    str,
    Path(
        description="32 hexadecimal digits", pattern="^[0-9a-fA-F]{32}$", examples=["4bf92f3577b34da6a3ce929d0e0e4736"]
    ),
]
SpanId = Annotated[
    str, Path(description="16 hexadecimal digits", pattern="^[0-9a-fA-F]{16}$", examples=["00f067aa0ba902b7"])
]
Skew = Annotated[Literal["correct", "as_sent"], Query(description="whether skewed clocks are corrected")]
