"""Sums and ranks of spans by group. `group` has a number from 0 for each span."""

import numpy as np

from collector.queries.tracing.columns import Ints, Names

_LARGEST = np.iinfo(np.int64).max
_NEAR_LARGEST = 9.2e18


def counted(group: Ints, which: Ints, groups: int) -> Ints:
    """How many of the spans of each group are among those that `which` is true for."""
    counts: Ints = np.bincount(group[which], minlength=groups)
    return counts


def summed(group: Ints, values: Ints, groups: int) -> Ints:
    """Exact, or the greatest integer where a sum does not fit: a sender may claim durations of centuries."""
    sums = np.zeros(groups, dtype=np.int64)
    np.add.at(sums, group, values)
    near = np.bincount(group, weights=values, minlength=groups)
    return np.where(near > _NEAR_LARGEST, _LARGEST, sums)


class Ranked:
    """The spans of each group by a value; groups must not be empty."""

    def __init__(self, group: Ints, values: Ints, groups: int) -> None:
        self._values = values
        self._order = np.lexsort((values, group))
        self._counts = np.bincount(group, minlength=groups)
        self._first = np.cumsum(self._counts) - self._counts

    def quantile(self, percent: int) -> Ints:
        """The least value that is not below `percent` of the group's (nearest rank)."""
        rank = np.maximum((self._counts * percent + 99) // 100, 1) - 1
        quantile: Ints = self._values[self._order[self._first + rank]]
        return quantile

    def greatest(self) -> Ints:
        """The place of the greatest value of each group."""
        greatest: Ints = self._order[self._first + self._counts - 1]
        return greatest


def used(names: Names) -> Names:
    """The same names without texts that none has."""
    codes, places = np.unique(names.codes, return_inverse=True)
    return Names(places, [names.texts[code] for code in codes.tolist()])
