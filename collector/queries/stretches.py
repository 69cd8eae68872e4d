"""Adds minutes that are over up to rows of longer stretches, five minutes to six hours, so that a time range adds up few sketches.

A stretch's rows carry the newest version of its minutes. When a minute is rolled up again, they no longer match, readers
go back to what is shorter until the stretch is added up anew. Answers are the same either way.
"""

from collector.queries import sources
from collector.queries.pieces import STRETCHES_S
from collector.queries.statements import statement
from collector.queries.time_range import TimeRange
from collector.store.engine import Store

STRETCHES_AT_ONCE = 6  # bounds memory: of each all sketches are in hand
SETTINGS = " SETTINGS enable_materialized_cte = 1, max_execution_time = 300, max_threads = 1"
"""Of statements that run in the background."""


class StretchRollups:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._complete: tuple[int, int] | None = None
        """The newest minute's version and the time, in shortest stretches, at which none was behind."""
        self.are_behind = False

    def run_once(self, version: int, now_ns: int) -> bool:
        """Add up to STRETCHES_AT_ONCE stretches up that are behind; whether there were any. Call it when no minute is dirty.

        The short come first, of these the newest. `version` is that of the newest minute.
        """
        now_s = now_ns // 10**9
        state = version, now_s // STRETCHES_S[0]
        self.are_behind = False
        if self._complete == state:
            return False
        bounds = {"lengths": list(STRETCHES_S), "now_s": now_s, "limit": STRETCHES_AT_ONCE}
        behind = self._store.query(statement("rollup_stretches_behind"), bounds)
        if behind:
            seconds = behind[0]["seconds"]
            self._add_up(seconds, {row["start_s"]: row["newest"] for row in behind if row["seconds"] == seconds})
        else:
            self._complete = state
        self.are_behind = bool(behind)
        return self.are_behind

    def _add_up(self, seconds: int, newest: dict[int, int]) -> None:
        """Stretches of one length, given by their starts (epoch seconds) with the versions they get."""
        windows = [TimeRange(start * 10**9, (start + seconds) * 10**9) for start in newest]
        pieces = sources.pieces_of(self._store, *windows, within_s=seconds)
        in_hand = {"seconds": seconds, "starts": list(newest), "versions": list(newest.values()), **pieces.parameters}
        by_service = statement("rollup_stretch_services", pieces=sources.service_pieces())
        by_edge = statement("rollup_stretch_edges", pieces=sources.edge_pieces())
        for sql in (by_service, by_edge):
            self._store.command(sql + SETTINGS, in_hand)
        self._store.command(statement("rollup_stretch_close"), in_hand)
