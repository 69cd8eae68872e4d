"""A trace's spans as columns: what its views need of every span, without attributes."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from collector.queries.sources import SpanSource
from collector.queries.statements import part, statement

Ints = npt.NDArray[Any]
KINDS = ("unspecified", "internal", "server", "client", "producer", "consumer")
"""By OTLP's numbers."""
SERVER, CLIENT, PRODUCER, CONSUMER = 2, 3, 4, 5
STATUSES = ("unset", "ok", "error")
ERROR = 2


@dataclass(frozen=True, eq=False)
class Names:
    """A column of texts: `codes` index `texts`, whose texts are distinct."""

    codes: Ints
    texts: list[str]

    def __getitem__(self, row: int) -> str:
        text: str = self.texts[self.codes[row]]
        return text

    def taken(self, rows: Ints) -> "Names":
        return Names(self.codes[rows], self.texts)


@dataclass(frozen=True, eq=False)
class Columns:
    """Spans in the order of the statement or, once they are arranged, of the tree. Times are epoch nanoseconds."""

    id: Ints
    """As unsigned 64-bit numbers; `parent_id` is 0 for a root."""
    parent_id: Ints
    service: Names
    name: Names
    instance: Names
    clock: Names
    """Spans with the same text were timed by the same clock: the host, else the service's instance."""
    peer: Names
    peer_kind: Names
    """What is called or heard that may send no spans itself: none, database, broker_out, broker_in or external."""
    kind: Ints
    status: Ints
    rejected: Ints
    start_ns: Ints
    duration_ns: Ints
    events: Ints
    links: Ints

    def __len__(self) -> int:
        return len(self.id)

    @property
    def end_ns(self) -> Ints:
        return self.start_ns + self.duration_ns

    @property
    def failed(self) -> Ints:
        """Errors without the refused calls."""
        failed: Ints = (self.status == ERROR) & (self.rejected == 0)
        return failed

    def taken(self, rows: Ints) -> "Columns":
        """The spans at `rows`, in that order."""
        values: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        taken: dict[str, Any] = {
            name: value.taken(rows) if isinstance(value, Names) else value[rows] for name, value in values.items()
        }
        return Columns(**taken)


def hex_ids(ids: Ints) -> list[str]:
    """Span ids in lower-case hexadecimal, empty for 0."""
    text = ids.astype(">u8").tobytes().hex()
    return [text[at : at + 16] if id_ else "" for at, id_ in zip(range(0, len(text), 16), ids.tolist(), strict=True)]


def number_of(span_id: str) -> int:
    """A hexadecimal span id as in `Columns.id`."""
    return int(span_id, 16)


def read_columns(source: SpanSource, trace_id: str, limit: int) -> Columns:
    """Up to `limit` spans, earliest first; of spans with the same id and service, one."""
    sql = statement("trace_columns", spans=source.spans, columns=part("trace_columns"))
    return _columns(source.query_arrow(sql, {"trace_id": trace_id, "limit": limit}))


def read_columns_of_each(source: SpanSource, trace_ids: list[str], limit: int) -> list[Columns]:
    """The same of several traces in any order: those that are whole within `limit` spans together."""
    sql = statement("traces_columns", spans=source.spans, columns=part("trace_columns"))
    table = source.query_arrow(sql, {"trace_ids": trace_ids, "limit": limit + 1})
    spans, traces = _columns(table), names_of(table.column("trace")).codes
    ends = np.append(np.flatnonzero(traces[1:] != traces[:-1]) + 1, len(traces))
    if len(traces) > limit:
        ends = ends[:-1]
    starts = np.append(0, ends)[: len(ends)]
    return [spans.taken(np.arange(a, b)) for a, b in zip(starts.tolist(), ends.tolist(), strict=True) if b > a]


def _columns(table: Any) -> Columns:
    numbers: dict[str, Any] = {name: numbers_of(table.column(name), dtype) for name, dtype in _NUMBERS.items()}
    names: dict[str, Any] = {name: names_of(table.column(name)) for name in _NAMES}
    kind, status = names_of(table.column("kind")), names_of(table.column("status"))
    return Columns(**numbers, **names, kind=_numbered(kind, KINDS), status=_numbered(status, STATUSES))


_NUMBERS: dict[str, type[Any]] = {
    "id": np.uint64,
    "parent_id": np.uint64,
    "rejected": np.uint8,
    "start_ns": np.int64,
    "duration_ns": np.int64,
    "events": np.int32,
    "links": np.int32,
}
_NAMES = ("service", "name", "instance", "clock", "peer", "peer_kind")


def numbers_of(column: Any, dtype: type[Any]) -> Ints:
    """A column of an Arrow table as an array."""
    numbers: Ints = column.combine_chunks().to_numpy(zero_copy_only=False).astype(dtype)
    return numbers


def names_of(column: Any) -> Names:
    """A column of texts of an Arrow table."""
    encoded = column.combine_chunks().dictionary_encode()
    if hasattr(encoded, "combine_chunks"):
        encoded = encoded.combine_chunks()
    return Names(encoded.indices.to_numpy(zero_copy_only=False).astype(np.int32), encoded.dictionary.to_pylist())


def _numbered(names: Names, known: Sequence[str]) -> Ints:
    """Codes as places in `known`; what is not there is the first."""
    places = [known.index(text.lower()) if text.lower() in known else 0 for text in names.texts]
    return np.array([*places, 0], dtype=np.uint8)[names.codes]
