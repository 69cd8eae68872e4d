"""A trace read once and arranged: what all of its views are made of, kept for a few traces."""

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from clickhouse_connect.driver.exceptions import ClickHouseError

from collector.conventions.counting import counted
from collector.errors import CollectorError, NotFound
from collector.queries.sources import SpanSource, stored
from collector.queries.statements import statement
from collector.queries.tracing import clocks, critical_path, self_time, tree
from collector.queries.tracing.columns import Columns, Ints, Names, read_columns
from collector.queries.tracing.tree import Tree
from collector.settings import Settings
from collector.store.engine import Row, Store


@dataclass(frozen=True, eq=False)
class Analysis:
    """A trace, its rows in preorder. `spans` has their corrected times; `moved_ns` says by how much each was moved."""

    spans: Columns
    tree: Tree
    moved_ns: Ints
    covered: self_time.Covered
    self_ns: Ints
    root: int
    """The earliest span without a parent, or else the earliest whose parent is not stored: the trace is named by it."""
    critical_path: list[critical_path.Segment]
    warnings: list[Row]
    """{kind, text, rows, count}, with all rows."""
    truncated: bool

    @property
    def start_ns(self) -> int:
        return int(self.spans.start_ns.min())

    @property
    def duration_ns(self) -> int:
        return int(self.spans.end_ns.max()) - self.start_ns

    @cached_property
    def critical_ns(self) -> Ints:
        """Time on the critical path by row."""
        critical_ns = np.zeros(len(self.spans), dtype=np.int64)
        for row, start, end in self.critical_path:
            critical_ns[row] += end - start
        return critical_ns

    def rows_of(self, ids: Ints, services: Names) -> Ints:
        """The row of each span by its id and service, -1 for one that is not shown."""
        spans, unknown = self.spans, len(self.spans.service.texts)
        distinct, rank = np.unique(spans.id, return_inverse=True)
        keys = rank * (unknown + 1) + spans.service.codes
        by_key = np.argsort(keys)
        codes = {text: code for code, text in enumerate(spans.service.texts)}
        wanted = np.array([codes.get(text, unknown) for text in services.texts], dtype=np.int64)[services.codes]
        at = np.minimum(np.searchsorted(distinct, ids), len(distinct) - 1)
        wanted = np.where(distinct[at] == ids, at * (unknown + 1) + wanted, -1)
        rows = by_key[np.minimum(np.searchsorted(keys[by_key], wanted), len(keys) - 1)]
        return np.where(keys[rows] == wanted, rows, -1)

    def rows_of_ids(self, ids: Ints) -> Ints:
        """The rows of the given span ids, in ascending order; of ids that services share, all."""
        return np.flatnonzero(np.isin(self.spans.id, ids))


def warm_up(store: Store) -> None:
    """Reads a trace that does not exist: the first that somebody opens does not wait for libraries to be loaded then."""
    with contextlib.suppress(CollectorError, ClickHouseError):
        read_columns(stored(store), "0" * 32, 1)


class Traces:
    """Reads and analyses traces. Keeps the latest, as long as the store has not got more of them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._max_skew_ns = int(settings.trace_max_skew_s * 1e9)
        self._kept: OrderedDict[tuple[object, ...], tuple[Row, Analysis]] = OrderedDict()
        self._guard = threading.Lock()

    def get(self, source: SpanSource, trace_id: str, correct: bool = True) -> Analysis:
        """The trace, with skewed clocks corrected unless `correct` is false. Raises NotFound."""
        key = (source.spans, tuple(source.parameters.items()), trace_id, correct)
        sql = statement("trace_state", spans=source.spans)
        state = source.query(sql, {"trace_id": trace_id})[0]
        if not state["copies"]:
            raise NotFound(f"trace {trace_id} not found")
        with self._guard:
            kept = self._kept.get(key)
            if kept and kept[0] == state:
                self._kept.move_to_end(key)
                return kept[1]
        analysis = self._read(source, trace_id, state["copies"], correct)
        self._keep(key, state, analysis)
        return analysis

    def _keep(self, key: tuple[object, ...], state: Row, analysis: Analysis) -> None:
        with self._guard:
            self._kept[key] = (state, analysis)
            self._kept.move_to_end(key)
            while sum(len(one.spans) for _, one in self._kept.values()) > self._settings.trace_cache_spans:
                self._kept.popitem(last=False)

    def _read(self, source: SpanSource, trace_id: str, copies: int, correct: bool) -> Analysis:
        limit = self._settings.trace_max_spans
        spans = read_columns(source, trace_id, limit + 1)
        truncated = len(spans) > limit
        if truncated:
            spans = spans.taken(np.arange(limit))
        analysis = analyse(spans, self._max_skew_ns if correct else 0, correct)
        warnings = analysis.warnings
        if truncated:
            warnings = [*warnings, _warning("truncated", f"Only the first {limit} spans are shown.", [])]
        elif copies > len(spans):
            warnings = [*warnings, self._repeats(source, trace_id, analysis)]
        return replace(analysis, warnings=warnings, truncated=truncated)

    def _repeats(self, source: SpanSource, trace_id: str, analysis: Analysis) -> Row:
        sql = statement("trace_repeats", spans=source.spans)
        parameters = {"trace_id": trace_id, "limit": self._settings.trace_max_spans}
        repeated = source.query(sql, parameters)
        services = {text: code for code, text in enumerate(analysis.spans.service.texts)}
        wanted = {(row["id"], services.get(row["service"], -1)) for row in repeated}
        ids = np.fromiter((id_ for id_, _ in wanted), dtype=np.uint64, count=len(wanted))
        near = analysis.rows_of_ids(ids)
        codes = analysis.spans.service.codes
        rows = [row for row in near.tolist() if (int(analysis.spans.id[row]), int(codes[row])) in wanted]
        text = f"{counted(len(wanted), 'span')} stored more than once; one copy of each is shown."
        return _warning("duplicate", text, rows, len(wanted))


def analyse(spans: Columns, max_skew_ns: int = 0, correct: bool = True) -> Analysis:
    """The analysis of spans in any order. With a `max_skew_ns` of 0, or without `correct`, times stay as they were sent."""
    parents = tree.find_parents(spans)
    skew = clocks.find_skew(spans, parents.parent, max_skew_ns if correct else 0)
    arranged = tree.arrange(parents.parent, spans.start_ns + skew.moved_ns)
    row_of = np.empty(len(spans), dtype=np.int64)
    row_of[arranged.order] = np.arange(len(spans))
    moved_ns = skew.moved_ns[arranged.order]
    rows = spans.taken(arranged.order)
    rows = replace(rows, start_ns=rows.start_ns + moved_ns)
    covered = self_time.covered_by_children(arranged.parent, rows.start_ns, rows.end_ns)
    root = _root(rows, arranged.parent)
    return Analysis(
        spans=rows,
        tree=arranged,
        moved_ns=moved_ns,
        covered=covered,
        self_ns=self_time.self_time_ns(rows.duration_ns, covered),
        root=root,
        critical_path=critical_path.critical_path(root, arranged.parent, rows.kind, rows.start_ns, rows.end_ns),
        warnings=list(_warnings(spans, parents, skew if correct else None, row_of)),
        truncated=False,
    )


def _root(rows: Columns, parent: Ints) -> int:
    roots = np.flatnonzero(parent < 0)
    true_roots = roots[rows.parent_id[roots] == 0]
    candidates = true_roots if len(true_roots) else roots
    return int(candidates[np.argmin(rows.start_ns[candidates])])


def _warnings(spans: Columns, parents: tree.Parents, skew: clocks.Skew | None, row_of: Ints) -> Iterable[Row]:
    if len(parents.missing):
        absent = len(np.unique(spans.parent_id[parents.missing]))
        text = f"{counted(len(parents.missing), 'span')} with a parent that is not stored ({absent} missing)."
        yield _about("missing_parent", text, parents.missing, row_of)
    if len(parents.shared):
        text = f"{counted(len(parents.shared), 'span')} whose id another service uses too."
        yield _about("shared_id", text, parents.shared, row_of)
    if len(parents.circular):
        text = f"{counted(len(parents.circular), 'span')} whose parent is one of its own descendants; shown as a root."
        yield _about("circle", text, parents.circular, row_of)
    if skew is not None and len(skew.beyond):
        text = f"{counted(len(skew.beyond), 'span')} too far from the caller's time to be corrected."
        yield _about("skew_not_corrected", text, skew.beyond, row_of)


def _about(kind: str, text: str, places: Ints, row_of: Ints) -> Row:
    return _warning(kind, text, np.sort(row_of[places]).tolist(), len(places))


def _warning(kind: str, text: str, rows: list[int], count: int = 0) -> Row:
    return {"kind": kind, "text": text, "rows": rows, "count": count}
