"""How a time range is put together from roll-ups: stretches as long as possible, minutes at the borders. No I/O."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

MINUTE_S = 60
STRETCHES_S = (300, 900, 3600, 21600)
"""Lengths of stretches; each is a multiple of the one before, and a day of the last. An hour is 9 pieces on average, a day 16."""

Stretch = tuple[int, int, int]
"""Its length and when it starts, in (epoch) seconds, and the version of its rows."""
Minute = tuple[int, int]
"""When it starts, in epoch seconds, and the version of its rows."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """Each minute that is rolled up is there once, itself or in a stretch."""

    minutes: list[Minute]
    stretches: list[Stretch]

    @property
    def parameters(self) -> dict[str, list[Minute] | list[Stretch]]:
        return {"minutes": self.minutes, "stretches": self.stretches}


def put_together(minutes: Mapping[int, int], stretches: Iterable[Stretch], first_s: int, last_s: int) -> Pieces:
    """Of what is rolled up, versions of minutes by start and stretches: what adds up to the minutes from first to last.

    A stretch counts if its version is the newest of its minutes.
    """
    left = {minute: version for minute, version in minutes.items() if first_s <= minute <= last_s}
    offered = {(seconds, start): version for seconds, start, version in stretches}
    taken: list[Stretch] = []
    for seconds in reversed(STRETCHES_S):
        within = {
            start: version
            for start, version in _newest(left, seconds).items()
            if first_s <= start and start + seconds <= last_s + MINUTE_S and offered.get((seconds, start)) == version
        }
        taken += [(seconds, start, version) for start, version in within.items()]
        if within:
            left = {minute: version for minute, version in left.items() if minute - minute % seconds not in within}
    return Pieces(list(left.items()), taken)


def _newest(minutes: Mapping[int, int], seconds: int) -> dict[int, int]:
    """The newest version among the minutes of each stretch, by its start."""
    newest: dict[int, int] = {}
    for minute, version in minutes.items():
        start = minute - minute % seconds
        newest[start] = max(version, newest.get(start, 0))
    return newest
