"""Reads what new rows of metrics, logs and spans tell of breakers, and keeps one tracker for each breaker and instance."""

from collections.abc import Callable, Iterator, Mapping

import orjson

from collector.conventions import breaker_checks
from collector.conventions.breakers import Fact
from collector.queries.breaker_history import Trace
from collector.queries.breaker_mapping import BreakerMapping
from collector.queries.breaker_recognition import Breaker, Emitter, Reading, Recogniser, Refused
from collector.queries.breaker_tracker import Point, Tracker
from collector.queries.new_rows import NewRows
from collector.queries.statements import part, statement
from collector.store.engine import Row, Store

_METRIC_TABLES = {
    "otel_metrics_gauge": ("0", "Value"),
    "otel_metrics_sum": ("AggregationTemporality", "Value"),
    "otel_metrics_histogram": ("AggregationTemporality", "Count"),
    "otel_metrics_exponential_histogram": ("AggregationTemporality", "Count"),
    "otel_metrics_summary": ("2", "Count"),
}
_REPORTS = "health_reports"
TABLES = {
    **dict.fromkeys(_METRIC_TABLES, "TimeUnix"),
    "otel_logs": "Timestamp",
    "otel_traces": "Timestamp",
    _REPORTS: "fromUnixTimestamp64Nano(AtNs)",
}
"""What is read, with the column of its time."""
_ASKED_BY_NAME = 1000  # series that are not known; when there are more, all new ones are asked for
_MOST_SERIES = 200_000  # readings that are remembered; past it they are looked up anew

Key = tuple[str, str]


class BreakerEvidence:
    def __init__(self, store: Store, mapping: BreakerMapping) -> None:
        self._store, self._mapping = store, mapping
        self._recogniser = Recogniser(mapping.dialects, mapping.prefixes)
        self._readings: dict[str, list[Reading]] = {}
        self.trackers: dict[Key, Tracker] = {}

    def read(self, new: dict[str, NewRows]) -> None:
        """Work all new rows into the trackers: metrics and health, then records and span events, then refused calls."""
        for table in _METRIC_TABLES:
            if table in new:
                self._read_points(table, new[table])
        if _REPORTS in new:
            words = {"format": breaker_checks.FORMAT, "component": breaker_checks.COMPONENT}
            self._read_reports(self._rows("new_breaker_checks", new[_REPORTS], words))
        for tracker in list(self.trackers.values()):
            tracker.settle()
        events = {"event_names": self._recogniser.event_names}
        if "otel_logs" in new:
            more = {"scopes": self._recogniser.scopes, "texts": self._recogniser.texts}
            self._tell(self._rows("new_records", new["otel_logs"], {**events, **more}), "log")
        if "otel_traces" in new:
            self._tell(self._rows("new_span_events", new["otel_traces"], events), "span")
            told_by = {"words": self._recogniser.refusal_words}
            self._refuse(self._rows("new_refusals", new["otel_traces"], told_by))

    def _rows(self, name: str, new: NewRows, words: Mapping[str, object]) -> list[Row]:
        return self._store.query(statement(name, new=new.condition), {**new.parameters, **words})

    def _read_points(self, table: str, new: NewRows) -> None:
        temporality, value = _METRIC_TABLES[table]
        words = {"table": table, "new": new.condition, "series": part("series")}
        bounds = {**new.parameters, "metric_names": self._recogniser.metric_names}
        rows = self._store.query(statement("new_points", temporality=temporality, value=value, **words), bounds)
        if len(self._readings) > _MOST_SERIES:
            self._readings.clear()
        unknown = [row["series"] for row in rows if row["series"] not in self._readings]
        if unknown:
            asked = {"all": len(unknown) > _ASKED_BY_NAME, "unknown": unknown[:_ASKED_BY_NAME]}
            self._learn(self._store.query(statement("new_series", **words), {**bounds, **asked}))
        partial = []
        for row in rows:
            points = [Point(*point) for point in row["points"]]
            for reading in self._readings.get(row["series"], ()):
                if reading.dialect.part_of:
                    partial.append((row, reading, points))
                else:
                    self._of(reading).take(row["series"], reading, points, row["temporality"])
        for row, reading, points in partial:
            for tracker in self._wholes(reading):
                tracker.take(row["series"], reading, points, row["temporality"])

    def _read_reports(self, rows: list[Row]) -> None:
        for row in rows:
            for told in (told for check in orjson.loads(row["checks"]) for told in breaker_checks.told_by(check)):
                series = f"{row['instance']} {told.metric} {told.attributes}"
                for reading in self._recogniser.read(told.metric, "", _emitter(row), told.attributes):
                    self._of(reading).take(series, reading, [Point(row["at_ns"], 0, told.value)])

    def _learn(self, rows: list[Row]) -> None:
        for row in rows:
            read = self._recogniser.read(row["metric"], row["scope"], _emitter(row), row["attributes"])
            self._readings[row["series"]] = read

    def _of(self, reading: Reading) -> Tracker:
        return self.tracker(reading.breaker, reading.instance, reading.dialect.source, reading.dialect.assumed_closed)

    def _wholes(self, reading: Reading) -> list[Tracker]:
        """The breakers that a reading of a part of their name is about."""
        part = reading.breaker
        found = [
            tracker
            for tracker in self.trackers.values()
            if (tracker.instance, tracker.source) == (reading.instance, reading.dialect.source)
            and (tracker.breaker.service, tracker.breaker.kind) == (part.service, part.kind)
            and (tracker.breaker.name == part.name or tracker.breaker.name.startswith(f"{part.name}/"))
        ]
        return found or ([self._of(reading)] if reading.fact is Fact.REFUSALS else [])

    def tracker(self, breaker: Breaker, instance: str, source: str, assumed_closed: bool = False) -> Tracker:
        key = (breaker.id, instance)
        tracker = self.trackers.get(key)
        if tracker is None:
            tracker = self.trackers[key] = Tracker(breaker, instance, source, assumed_closed=assumed_closed)
            tracker.bind(self._mapping.target(breaker.service, breaker.name), "configured")
        return tracker

    def _tell(self, rows: list[Row], told_by: str) -> None:
        for row in rows:
            told = self._recogniser.told(row["event"], row["scope"], row["text"], _emitter(row), row["attributes"])
            if told is not None:
                tracker = self.tracker(told.breaker, told.instance, told.dialect.source, told.dialect.assumed_closed)
                tracker.tell(told, row["at_ns"], told_by, Trace(row["trace_id"], row["span_id"]))

    def _refuse(self, rows: list[Row]) -> None:
        for row in rows:
            refused = self._recogniser.refused(row["error"], row["message"], row["words"])
            tracker = self._guard(refused, row) if refused is not None else None
            if refused is not None and tracker is not None:
                tracker.bind(refused.target, "exported")
                tracker.bind(row["peer"], "correlated")
                tracker.refuse(refused.state, refused.raw, row["calls"], row["last_ns"])

    def _guard(self, refused: Refused, row: Row) -> Tracker | None:
        """The breaker that refused: by its name, else by whom it guards, else the only one of its kind, else a new one. None
        where neither a name nor a peer tells: that may be the error of a refused call, on its way up through other spans."""
        emitter = _emitter(row)
        mine = [
            tracker
            for tracker in self.trackers.values()
            if (tracker.breaker.service, tracker.instance) == (emitter.service, emitter.instance)
            and tracker.breaker.kind == refused.dialect.kind
        ]
        named = [
            tracker
            for tracker in mine
            if refused.name and tracker.breaker.name == refused.name and refused.group in ("", tracker.breaker.group)
        ]
        if named:
            return named[0]
        rules: tuple[Callable[[Tracker], bool], ...] = (
            lambda tracker: not refused.name and bool(row["peer"]) and tracker.target == row["peer"],
            lambda tracker: not refused.name and not tracker.target and tracker.source == refused.dialect.source,
        )
        for rule in rules:
            found = [tracker for tracker in mine if rule(tracker)]
            if len(found) == 1:
                return found[0]
        name = refused.name or row["peer"]
        if not name:
            return None
        breaker = Breaker(emitter.service, emitter.namespace, name, refused.group, refused.dialect.kind)
        return self.tracker(breaker, emitter.instance, refused.dialect.source)

    def changed(self) -> Iterator[Tracker]:
        """Trackers with something to write."""
        return (
            tracker
            for tracker in self.trackers.values()
            if tracker.changed or tracker.history.fresh or tracker.fresh_minutes
        )


def _emitter(row: Row) -> Emitter:
    return Emitter(row["service"], row["namespace"], row["instance"])
