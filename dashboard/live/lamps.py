"""The breakers page: which lamps it shows, and what of them differs by now.

The collector names the breakers that changed; only those are asked for. All are asked for when the page opens and every
REFRESH_S, because rates and calls move without a change of state.
"""

import time
from collections.abc import Mapping
from typing import Any

from dashboard.client import CollectorClient
from dashboard.components.differences import changed_elements, gone_elements
from dashboard.live.feed import Change
from dashboard.live.wishes import LampsWish
from dashboard.time_range import time_range

REFRESH_S = 9.0
_LONGEST_SHARE = 4.0  # a list that takes a second to answer is asked for every fourth second at most
_MOST_BY_ID = 200  # when more change at once, the whole list costs less
_KEPT = (
    *("service", "namespace", "name", "group", "target", "target_confidence", "kind", "state", "state_text", "since"),
    *("since_precision", "calls_ok", "calls_failed", "rejected", "openings", "flapping", "source", "stale", "conflict"),
    *("instance_count", "states", "traffic"),
)


class LampList:
    """One page's lamps, by id, as it shows them."""

    def __init__(self, client: CollectorClient) -> None:
        self._client = client
        self._wish = LampsWish(type="lamps")
        self._shown: dict[str, dict[str, Any]] = {}
        self._whole = True
        self._changed: set[str] = set()
        self._refresh_at_s = 0.0

    def want(self, wish: LampsWish) -> None:
        """The page's state; another range or scope asks for everything."""
        if (wish.range, wish.scope()) != (self._wish.range, self._wish.scope()):
            self._whole = True
        self._wish = wish

    def changed(self, change: Change) -> bool:
        """What the collector's stream said; whether it matters here."""
        if not change.topic:
            self._refresh_at_s = 0.0
        elif change.topic == "breakers":
            self._changed.update(change.names)
        return change.topic in ("", "breakers")

    async def message(self) -> dict[str, Any] | None:
        """What differs: `rows` by id (the changed fields, null for those that are gone), `gone`, and `whole` when they are
        everything. None when there was nothing to ask. Raises CollectorError."""
        wish, window = self._wish, time_range(self._wish.range)
        if not self._whole and (wish.paused or not window.is_live):
            return None
        started = time.monotonic()
        everything = self._whole or started >= self._refresh_at_s or len(self._changed) > _MOST_BY_ID
        ids = sorted(self._changed)
        if not everything and not ids:
            return None
        found = await self._client.lamps(window, wish.scope(), () if everything else ids)
        if wish is not self._wish:
            return None  # another step asks for what the page wants by now
        self._changed.difference_update(ids)
        rows = {row["id"]: _shown(row) for row in found}
        if everything:
            took_s = time.monotonic() - started
            self._refresh_at_s = started + max(REFRESH_S, took_s * _LONGEST_SHARE)
        return self._difference(rows, everything, ids)

    def _difference(self, rows: dict[str, dict[str, Any]], everything: bool, ids: list[str]) -> dict[str, Any]:
        whole, self._whole = self._whole and everything, False
        before = {} if whole else self._shown
        after = rows if everything else {**{id_: row for id_, row in before.items() if id_ not in ids}, **rows}
        self._shown = after
        if whole:
            return {"whole": True, "rows": rows}
        changes, gone = changed_elements(before, after), gone_elements(before, after)
        return {"rows": changes, "gone": gone} if changes or gone else {}


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """What a lamp shows: rates as read, and when it was last heard of only once that is what matters."""
    shown = {name: row[name] for name in _KEPT}
    thresholds = row["thresholds"]
    for rate in ("failure_rate", "slow_rate"):
        shown[rate] = None if row[rate] is None else round(row[rate], 3)
        shown[f"{rate}_threshold"] = thresholds.get(rate)
    return {**shown, "observed_at": row["observed_at"] if row["stale"] else None}
