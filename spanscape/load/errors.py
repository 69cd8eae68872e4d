"""What can go wrong while loading.

LoadError
├── MalformedTelemetry    a known format, but something in it is wrong: says where
├── NotTelemetry          the content is no format that is known here
└── CollectorUnavailable  the collector could not be reached, or kept asking to wait: the whole load ends
"""


class LoadError(Exception):
    """Base of everything that is told to the user as a message instead of a traceback."""


class MalformedTelemetry(LoadError):
    """Something in a document is wrong. `place` is a line, an offset or a field path such as `data[0].spans[3]`."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}" if place else reason)
        self.place = place
        self.reason = reason

    def within(self, outer: str) -> "MalformedTelemetry":
        """The same error seen from further outside: `startTime` within `spans[3]` is `spans[3].startTime`."""
        return MalformedTelemetry(f"{outer}.{self.place}" if self.place else outer, self.reason)


class NotTelemetry(LoadError):
    """The content is none of the known formats."""


class CollectorUnavailable(LoadError):
    """No answer, or only refusals that ask to come back later, for as long as retrying is allowed."""
