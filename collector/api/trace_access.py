"""Opening one trace, stored or uploaded, for the calls that answer about it."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Path, Query

from collector.queries import sources
from collector.queries.sources import SpanSource
from collector.queries.tracing.analysis import Analysis, Traces
from collector.settings import Settings
from collector.store.engine import Store
from collector.store.uploads import Uploads

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
InUpload = Annotated[
    str, Query(description="an upload's token: its trace, instead of a stored one", pattern="^([0-9a-f]{32})?$")
]


@dataclass(frozen=True)
class Opened:
    source: SpanSource
    trace_id: str
    analysis: Analysis


@dataclass(frozen=True)
class TraceAccess:
    """What the calls about one trace share."""

    store: Store
    settings: Settings
    uploads: Uploads
    kept: Traces

    def source(self, upload: str) -> SpanSource:
        """Raises NotFound for an unknown upload."""
        return sources.uploaded(self.uploads.get(upload)) if upload else sources.stored(self.store)

    def open(self, trace_id: str, skew: str, upload: str) -> Opened:
        """Raises NotFound."""
        source = self.source(upload)
        return Opened(source, trace_id.lower(), self.kept.get(source, trace_id.lower(), skew == "correct"))
