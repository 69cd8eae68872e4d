"""Rows that came into the telemetry tables since the last look, without cost to the inserts.

An insert makes a part of its own, so what is new is in parts that were not there before. A merged part holds nothing new
unless its last block is one that was not seen. On a cluster the parts are on other nodes: there the rows of the last two
minutes are read again, so readers must take a row that they know for what it is.
"""

import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from collector.queries.statements import part, statement
from collector.store.engine import Row, Store


@dataclass(frozen=True, slots=True)
class NewRows:
    """A condition for a statement, and its parameters."""

    condition: str
    parameters: dict[str, Any]


class NewRowsReader:
    def __init__(self, store: Store, tables: dict[str, str], look_back_s: float) -> None:
        """`tables`: the time column by table. The first look takes in what was written `look_back_s` before it."""
        self._store, self._tables = store, tables
        self._oldest_s = time.time() - look_back_s
        self._seen: dict[str, set[str]] = {table: set() for table in tables}
        self._looked_at: dict[str, list[Row]] = {}
        self._last_block: dict[tuple[str, str], int] = {}

    def look(self, tables: Collection[str] = ()) -> dict[str, NewRows]:
        """By table with new rows, of all tables or these. The same again until `done` says that they were read."""
        wanted = tables or self._tables
        if self._store.clustered:
            return {table: NewRows(part("of_late", time=self._tables[table]), {}) for table in wanted}
        found = self._looked_at = {table: [] for table in wanted}
        for row in self._store.query(statement("parts_now"), {"tables": list(wanted)}):
            found[row["table"]].append(row)
        new = {table: self._unseen(table, rows) for table, rows in found.items()}
        return {table: NewRows(part("of_parts"), {"parts": parts}) for table, parts in new.items() if parts}

    def done(self) -> None:
        """What `look` found counts as seen."""
        for table, rows in self._looked_at.items():
            self._seen[table] = {row["name"] for row in rows} or {"none"}
            for row in rows:
                key = (table, row["partition"])
                self._last_block[key] = max(self._last_block.get(key, -1), row["last_block"])

    def _unseen(self, table: str, rows: list[Row]) -> list[str]:
        seen = self._seen[table]
        unseen = []
        for row in rows:
            last = self._last_block.get((table, row["partition"]), -1)
            if row["name"] not in seen and (row["level"] == 0 or row["last_block"] > last):
                unseen.append(row["name"])
        old = {row["name"] for row in rows if row["written_s"] < self._oldest_s} if not seen else set()
        return [name for name in unseen if name not in old]
