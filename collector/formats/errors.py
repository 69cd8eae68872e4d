"""What can be wrong with recorded telemetry; both are errors of whoever hands it in."""

import re

from collector.errors import BadRequest


class MalformedTelemetry(BadRequest):
    """Something in a document is wrong. `place` is a line, an offset or a field path such as `data[0].spans[3]`."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}" if place else reason)
        self.place = place
        self.reason = reason

    def within(self, outer: str) -> "MalformedTelemetry":
        """The same error seen from further outside: `startTime` within `spans[3]` is `spans[3].startTime`."""
        return MalformedTelemetry(f"{outer}.{self.place}" if self.place else outer, self.reason)

    @property
    def pointer(self) -> str:
        """The place of a field as a JSON pointer (RFC 6901), such as `/data/0/spans/3`; other places as they are."""
        if " " in self.place or not self.place:
            return self.place
        return "/" + re.sub(r"\.|\[|\]\.?", "/", self.place).strip("/")


class NotTelemetry(BadRequest):
    """The content is none of the known formats."""
