"""One open page: keeps what the page shows and sends what differs."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from dashboard.api_types import Topology
from dashboard.client import CollectorClient
from dashboard.components import differences, hover_card, releases, states, timeline
from dashboard.components.graph_layout import Point
from dashboard.components.plain import plain
from dashboard.components.topology_view import View, build_view
from dashboard.errors import CollectorError, CollectorUnreachable
from dashboard.live.feed import Change
from dashboard.live.lamps import LampList
from dashboard.live.pace import Pace
from dashboard.live.wishes import AboutWish, HistoryWish, LampsWish, PlacesWish, TicksWish, TopologyWish
from dashboard.time_range import time_range

_LEAST_PAUSE_S = 0.4  # between two messages of one page
_SAVED_S = 1.0  # of pauses that were not needed, so that what follows an unimportant change need not wait
_SLIDING_S = 10.0  # a window that ends now moves although nothing arrives
_BUSY_SHARE = 1.0  # a view that takes a second to build is built every other second at most
_FIRST_OLD_S = 2.0  # what a page that opens shows first may lack what came since
_TICK_S = 2.0
_RETRY_S = 1.0
_BEHIND_STEP_S = 5  # a page says how far behind it is in such steps

Send = Callable[[dict[str, Any]], Awaitable[None]]
Wish = TopologyWish | PlacesWish | AboutWish | HistoryWish | LampsWish | TicksWish


class Session:
    """`wanted` and `changed` are called from outside; `run` sends until it is cancelled."""

    def __init__(self, client: CollectorClient, send: Send, collector_answers: bool | None, behind_s: float) -> None:
        self._client = client
        self._send = send
        self._pace = Pace(_LEAST_PAUSE_S, _BUSY_SHARE, _SAVED_S)
        self._wake = asyncio.Event()
        self._topology_wish: TopologyWish | None = None
        self._lamps: LampList | None = None
        self._ticking = False
        self._changed = True
        self._now = False
        self._shown = View()
        self._places: dict[str, Point] = {}
        self._by_hand: dict[str, Point] = {}
        self._stretch = 0.0
        self._graph: Topology | None = None
        self._releases = releases.NO_RELEASES
        self._answered: TopologyWish | None = None
        self._state: dict[str, Any] = {}
        self._answers = collector_answers
        self._behind_s = behind_s
        self._state_moved = False

    async def wanted(self, wish: Wish) -> None:
        """Takes a message of the page."""
        match wish:
            case TopologyWish():
                self._take(wish)
            case PlacesWish():
                self._by_hand |= wish.places
                self._places |= wish.places
                self._now = True
            case LampsWish():
                self._topology_wish, self._ticking, self._now = None, False, True
                if self._lamps is None or wish.fresh:
                    self._lamps, self._state = LampList(self._client), {}
                self._lamps.want(wish)
            case TicksWish():
                self._topology_wish, self._lamps, self._ticking = None, None, not wish.paused
                await self._send_state()
            case AboutWish():
                await self._send_about(wish)
            case HistoryWish():
                await self._send_history(wish)
        self._wake.set()

    def changed(self, change: Change) -> None:
        """The collector has new data, came back, or went away."""
        self._answers = change.answers
        if self._lamps is None or self._lamps.changed(change):
            self._changed = True
            self._wake.set()

    def fell_behind(self, behind_s: float) -> None:
        """For how long spans are stored that no page shows yet."""
        if _noted(behind_s) != _noted(self._behind_s):
            self._state_moved = True
            self._wake.set()
        self._behind_s = behind_s

    async def run(self) -> None:
        """Sends what differs, as often as is good for the page."""
        while True:
            started = time.monotonic()
            await self._step()
            self._pace.worked(time.monotonic() if self._lamps else started)  # lamps pace themselves
            await self._rest(_TICK_S if self._ticking else self._pace.rest_s)

    async def _rest(self, least_s: float) -> None:
        """Until there is something to do; a wish of the page is answered at once, changes of data after `least_s`."""
        deadline = time.monotonic() + least_s
        while not self._now:
            left_s = deadline - time.monotonic()
            if self._changed and left_s <= 0:
                return
            self._wake.clear()
            try:
                await asyncio.wait_for(self._wake.wait(), max(left_s, 0.01) if self._changed else _SLIDING_S)
            except TimeoutError:
                self._changed = True
            if self._state_moved:
                self._state_moved = False
                await self._send_state()

    def _take(self, wish: TopologyWish) -> None:
        """A page that is new or lost its connection brings the places it shows; a new arrangement forgets them."""
        before = self._topology_wish
        self._ticking, self._lamps = False, None
        if wish.repeats(before):
            return  # what was sent or is under way answers it: to lay out a large map anew takes a second
        if wish.fresh or before is None:
            self._shown, self._state = View(), {}
        if wish.fresh or wish.arranged or before is None or before.arrangement != wish.arrangement:
            self._places, self._by_hand, self._stretch = {}, wish.moved(), wish.stretch
        self._topology_wish, self._now = wish, True

    async def _step(self) -> None:
        wish, lamps, now = self._topology_wish, self._lamps, self._now
        self._now = self._changed = False
        if self._ticking:
            await self._send_state()
            await self._send({"type": "tick"})
        if lamps is None and (wish is None or (wish.paused and not now and self._shown.elements)):
            if not self._ticking:
                await self._send_state()
            return
        try:
            if lamps is not None:
                await self._send_lamps(lamps)
            elif wish is not None:
                await self._send_view(wish)
        except CollectorError as error:
            self._answers = not isinstance(error, CollectorUnreachable) and self._answers
            self._changed = True
            await self._send_state(error)
            await asyncio.sleep(_RETRY_S)

    async def _send_view(self, wish: TopologyWish) -> None:
        window, base_window = wish.window(), wish.base()
        first = not self._shown.elements and self._answered is not wish  # shows what is known; what is newer follows
        topology = await self._client.topology(window, wish.scope(), wish.traces, old_s=_FIRST_OLD_S if first else 0)
        self._changed = self._changed or (first and window.is_live)
        base = await self._client.topology(base_window, wish.scope(), wish.traces) if base_window else None
        self._answers = True
        anew, whole = not self._places, not self._shown.elements
        view = await asyncio.to_thread(self._build, topology, wish, base, window.label)
        if wish is not self._topology_wish:
            return  # the page wants something else by now
        self._graph = topology
        message = _message(self._shown, view, anew)
        self._shown, self._places = view, dict(view.places)
        self._stretch = view.stretch if view.places else 0.0
        await self._send_state()
        if message or self._answered is not wish:
            self._answered = wish
            about = {"number": wish.number, "anew": anew, "whole": whole, "stretch": view.stretch}
            await self._send({"type": "topology", **about, **message})

    async def _send_lamps(self, lamps: LampList) -> None:
        message = await lamps.message()
        if lamps is not self._lamps:
            return  # the page wants something else by now
        if message is not None:
            self._answers = True
        await self._send_state()
        if message:
            await self._send({"type": "lamps", **message})

    def _build(self, topology: Topology, wish: TopologyWish, base: Topology | None, label: str) -> View:
        chosen, rest = wish.view(self._stretch), (base, label, self._releases)
        if self._places or not self._by_hand:
            return build_view(topology, chosen, self._places, *rest)
        laid_out = build_view(topology, chosen, {}, *rest)
        moved = {node: place for node, place in self._by_hand.items() if node in laid_out.places}
        if not moved:
            return laid_out
        return build_view(topology, wish.view(laid_out.stretch), {**laid_out.places, **moved}, *rest)

    async def _send_state(self, error: CollectorError | None = None) -> None:
        away = error is not None or self._answers is False
        state: dict[str, Any] = {"collector": "away" if away else "answers"}
        if behind_s := _noted(self._behind_s):
            state["behind_s"] = behind_s
        if error is not None:
            state |= {"words": f"{error.title}. {error.detail}", "cover": plain(states.failed(error))}
        elif away:
            state |= {"words": f"Collector is away. Nothing answers at {self._client.url}."}
        if state != self._state:
            self._state = state
            await self._send({"type": "state", **state})

    async def _send_history(self, wish: HistoryWish) -> None:
        window = timeline.span(time_range(wish.range), datetime.now(UTC))
        try:
            within = wish.scope().params()
            series = await self._client.optional("/api/v1/timeseries", window, step=window.step, **within)
            events = await self._client.aside("/api/v1/events", window, **within)
        except CollectorError:
            return  # the page says that the collector is away, and asks again
        happened = events.get("events", [])
        await self._send({"type": "history", **timeline.history(window, series, happened)})
        if (latest := releases.latest(happened)) != self._releases:
            self._releases, self._changed = latest, True

    async def _send_about(self, wish: AboutWish) -> None:
        graph, shown = self._graph, self._topology_wish
        about: dict[str, Any] = {"card": []}
        if graph is not None and shown is not None:
            try:
                fallbacks = await self._client.fallbacks(shown.window(), shown.scope().anywhere())
            except CollectorError:
                fallbacks = frozenset()  # the card tells of the last answer
            about = hover_card.about(graph, wish.id, wish.blast, fallbacks)
        await self._send({"type": "about", "id": wish.id, **about})


def _noted(behind_s: float) -> int:
    return int(behind_s // _BEHIND_STEP_S * _BEHIND_STEP_S)


def _message(before: View, after: View, anew: bool) -> dict[str, Any]:
    """The differences, by part; empty if there are none."""
    nodes = {id_ for id_, element in after.elements.items() if element["group"] == "nodes"} & after.places.keys()
    new = nodes if anew else nodes - before.elements.keys()
    parts: Mapping[str, Any] = {
        "elements": differences.changed_elements(before.elements, after.elements),
        "gone": differences.gone_elements(before.elements, after.elements),
        "places": {node: after.places[node] for node in sorted(new)},
        "texts": differences.changed_fields(before.texts, after.texts),
    }
    return {name: part for name, part in parts.items() if part}
