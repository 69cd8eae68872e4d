"""How often a page is sent something."""

import time
from collections.abc import Callable


class Pace:
    """A rest of `least_s` after each piece of work, and of as long as `share` times the work took.

    Rest that was not needed is saved, up to `saved_s`: a single change is then sent at once, though something came just before it.
    """

    def __init__(
        self, least_s: float, share: float, saved_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._least_s, self._share, self._saved_s, self._clock = least_s, share, saved_s, clock
        self._free_from = clock() - saved_s

    def worked(self, since: float) -> None:
        """Work that began at `since`, on the clock, has ended."""
        now = self._clock()
        longest_s = max(self._least_s, (now - since) * self._share)
        self._free_from = min(max(self._free_from, since - self._saved_s) + (now - since), now) + longest_s

    @property
    def rest_s(self) -> float:
        """How long to rest from now on."""
        return max(self._free_from - self._clock(), 0.0)
