"""What a page asks for over its socket. It comes from a browser: everything is checked and bounded."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from dashboard.components.graph_layout import Point
from dashboard.components.topology_view import Wish
from dashboard.scope import Scope
from dashboard.time_range import TimeRange, time_range

_Text = Annotated[str, Field(max_length=1000)]
_Pixels = Annotated[int, Field(ge=0, le=20_000)]
_Coordinate = Annotated[float, Field(ge=-1e7, le=1e7, allow_inf_nan=False)]


class TopologyWish(BaseModel):
    """State of the topology page. `traces` is a filter: the map is of the traces that match.

    `number` comes back with the answer; `fresh` asks for everything. `frame` is the size of the map, `stretch` what a map
    that is shown already was laid out with.
    """

    model_config = ConfigDict(frozen=True)

    type: Literal["topology"]
    number: int = 0
    range: _Text = ""
    at: _Text = ""
    compare: _Text = ""
    find: _Text = ""
    hide: _Text = ""
    traces: Annotated[str, Field(max_length=5000)] = ""
    environment: _Text = ""
    namespace: _Text = ""
    focus: Annotated[str, Field(max_length=5000)] = ""
    hops: int = Field(1, ge=1, le=20)
    arrangement: Literal["layered", "radial", "force", "grouped"] = "layered"
    table: bool = False
    paused: bool = False
    fresh: bool = False
    arranged: bool = False
    places: dict[str, tuple[_Coordinate, _Coordinate]] = Field(default_factory=dict, max_length=5000)
    frame: tuple[_Pixels, _Pixels] = (0, 0)
    stretch: float = Field(0, ge=0, le=10, allow_inf_nan=False)

    def window(self) -> TimeRange:
        """The range shown: `at` is a moment of the past that the scrubber chose."""
        return time_range(self.at or self.range)

    def base(self) -> TimeRange | None:
        """The range to compare with."""
        return time_range(self.compare) if self.compare else None

    def view(self, stretch: float) -> Wish:
        """What `build_view` needs."""
        chosen = (self.find, self.hide, self.focus, self.hops, self.arrangement, self.table, self.range)
        return Wish(*chosen, self.frame, self.environment, stretch)

    def scope(self) -> Scope:
        """Which services are shown."""
        return Scope(self.environment, self.namespace)

    def repeats(self, before: "TopologyWish | None") -> bool:
        """Whether the answer to `before` is the answer to this too."""
        if before is None or self.fresh or self.arranged:
            return False
        not_asked = {"number", "fresh", "arranged", "places", "frame", "stretch"}
        return self.model_dump(exclude=not_asked) == before.model_dump(exclude=not_asked)

    def moved(self) -> dict[str, Point]:
        """Places that the viewer gave to nodes by hand."""
        return dict(self.places)


class PlacesWish(BaseModel):
    """The viewer moved nodes."""

    type: Literal["places"]
    places: dict[str, tuple[_Coordinate, _Coordinate]] = Field(max_length=5000)


class AboutWish(BaseModel):
    """The pointer rests on an element: the short form of what is known; `blast` asks who depends on it."""

    type: Literal["about"]
    id: Annotated[str, Field(max_length=10000)]
    blast: bool = False


class HistoryWish(BaseModel):
    """The line of time under the map: how the system did, long enough to choose a window of `range` in it."""

    type: Literal["history"]
    range: _Text = ""
    environment: _Text = ""
    namespace: _Text = ""

    def scope(self) -> Scope:
        """Of which services it tells."""
        return Scope(self.environment, self.namespace)


class LampsWish(BaseModel):
    """State of the breakers page. `fresh` asks for everything."""

    model_config = ConfigDict(frozen=True)

    type: Literal["lamps"]
    range: _Text = ""
    environment: _Text = ""
    namespace: _Text = ""
    paused: bool = False
    fresh: bool = False

    def scope(self) -> Scope:
        """Which services are shown."""
        return Scope(self.environment, self.namespace)


class TicksWish(BaseModel):
    """Another page: it only wants to know that something changed."""

    type: Literal["ticks"]
    paused: bool = False


class AnyWish(BaseModel):
    """One message of a page."""

    wish: Annotated[
        TopologyWish | PlacesWish | AboutWish | HistoryWish | LampsWish | TicksWish, Field(discriminator="type")
    ]
