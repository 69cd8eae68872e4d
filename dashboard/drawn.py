"""Pages that are drawn from data: asked for anew when something changed, and sent only when it looks different."""

import math
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dash import ClientsideFunction, Input, Output, State, clientside_callback, dcc, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from dashboard import ids
from dashboard.callbacks import callback
from dashboard.components import states
from dashboard.components.lanes import Axis
from dashboard.components.plain import plain_list
from dashboard.components.redraw import fingerprint
from dashboard.errors import CollectorError
from dashboard.time_range import TimeRange

_MOVES = 100  # places that an axis takes in its range, so that a page of what is quiet is not drawn anew all the time

Build = Callable[..., Awaitable[list[Component]]]


@dataclass(frozen=True)
class DrawnPart:
    """Ids of the place and of the stores behind it; `what` it is, in words. A part without words stands beside one that
    says for both that it loads, or what went wrong."""

    body: str
    rows: str
    seen: str
    what: str = ""

    def place(self, look: str = "drawn", meanwhile: Sequence[Component] = ()) -> list[Component]:
        """Where it is drawn, with `meanwhile` or a sign of loading until the first answer."""
        waiting = meanwhile or (states.loading(self.what) if self.what else [])
        return [
            dcc.Store(id=self.rows),
            dcc.Store(id=self.seen, data=""),
            html.Div(waiting, id=self.body, className=look),
        ]

    def drawn_by(self, *inputs: Any) -> Callable[[Build], Build]:
        """`build(range_key, *values of inputs)` gives what is shown. Its CollectorError is shown instead."""

        def register(build: Build) -> Build:
            @callback(
                Output(self.rows, "data"),
                Output(self.seen, "data"),
                Input(ids.WINDOW, "data"),
                Input(ids.LIVE_TICK, "data"),
                *inputs,
                State(self.seen, "data"),
            )
            async def show(range_key: str | None, _tick: int, *values: Any) -> tuple[Any, str]:
                if range_key is None:
                    raise PreventUpdate
                *given, seen = values
                try:
                    rows = plain_list(await build(range_key, *given))
                except CollectorError as error:
                    rows = plain_list([states.failed(error)] if self.what else [])
                now_seen = fingerprint(rows)
                if now_seen == seen:
                    raise PreventUpdate
                return rows, now_seen

            clientside_callback(
                ClientsideFunction("spanscape", "drawPanel"),
                Output(self.body, "title"),
                Input(self.rows, "data"),
                State(self.body, "id"),
                prevent_initial_call=True,
            )
            return build

        return register


def axis_of(window: TimeRange) -> Axis:
    """The range as an axis. One that ends now moves on in small steps."""
    if window.is_live:
        step_s = window.seconds / _MOVES
        end_s = math.ceil(time.time() / step_s) * step_s
    else:
        end_s = datetime.fromisoformat(window.end).timestamp()
    return Axis(int((end_s - window.seconds) * 10**9), int(end_s * 10**9))
