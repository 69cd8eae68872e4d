"""What an interrupted commit leaves: spans whose minutes nobody marked as dirty.

A commit writes the spans first and marks their minutes last. When the process is killed or the disk is full between the
two, the request was not acknowledged and its sender repeats it; if it never does, its spans are stored but not in the
roll-ups. So after a start and after a failed commit the youngest parts are compared with what the roll-ups counted.
"""

import logging
from datetime import UTC, datetime

from clickhouse_connect.driver.exceptions import ClickHouseError

from collector.errors import CollectorError
from collector.store.engine import Store

log = logging.getLogger(__name__)

# Parts of level 0 were not merged yet; one that was merged since then is young itself. Repeated spans, which roll-ups
# count once, make a minute look interrupted: it is recomputed in vain.
_MARK = """
INSERT INTO dirty_minutes
SELECT Minute, rand64() AS Mark, 1 AS Sign
FROM (
    SELECT toStartOfMinute(Timestamp) AS Minute, count() AS Spans FROM otel_traces
    WHERE toStartOfMinute(Timestamp) IN (
        SELECT toStartOfMinute(Timestamp) FROM otel_traces
        WHERE _part IN (
            SELECT name FROM system.parts
            WHERE active AND database = currentDatabase() AND table = 'otel_traces'
              AND (level = 0 OR modification_time >= {since:DateTime})))
    GROUP BY Minute
) AS stored
LEFT JOIN (
    SELECT Minute, sum(Calls) AS Counted FROM operations_1m
    WHERE (Minute, Version) IN (SELECT Minute, max(Version) FROM rolled_up_minutes GROUP BY Minute)
    GROUP BY Minute
) AS counted USING Minute
WHERE Spans != Counted"""


class InterruptedCommits:
    """Knows since when there may be some; that includes the commits of a process that was killed before this one."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._since: datetime | None = datetime.now(UTC)

    def note(self) -> None:
        """A commit failed. Called from any thread."""
        if self._since is None:
            self._since = datetime.now(UTC)

    def repair(self) -> bool:
        """Mark the minutes in question, if there may be any. Returns whether it did; if it cannot, call it again."""
        if self._since is None or self._store.clustered:
            return False
        since, self._since = self._since, None
        try:
            self._store.command(_MARK, {"since": since})
        except (ClickHouseError, CollectorError, OSError) as error:
            self._since = since
            log.warning("cannot look for interrupted commits: %s", str(error).split("\n")[0])
            return False
        return True
