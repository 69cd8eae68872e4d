"""In which order counted transitions can have happened."""

from collections import deque

_MOVES = {
    "closed": ("open", "forced_open", "disabled", "metrics_only"),
    "open": ("half_open", "closed", "forced_open"),
    "half_open": ("closed", "open", "forced_open"),
    "forced_open": ("closed", "half_open", "open"),
}
_MOST = 12  # transitions of one breaker between two points


def plausible_path(state: str, entered: dict[str, int]) -> list[tuple[str, str]]:
    """The steps from `state` that enter each state as often as counted; of those the one that breakers usually take.

    A state that was entered several times without another being counted between was left unseen: such a counter only tells
    of openings, so each is told as coming from closed. More than a dozen steps are cut to the latest.
    """
    wanted = {name: min(count, _MOST) for name, count in entered.items() if count > 0}
    found = _search(state, wanted)
    if found is not None:
        return found
    steps = [name for name, count in wanted.items() for _ in range(count)][-_MOST:]
    return [("closed" if name == "open" else state, name) for name in steps]


def _search(state: str, wanted: dict[str, int]) -> list[tuple[str, str]] | None:
    """Breadth first; the usual moves come first in _MOVES. None when there is no such path."""
    if sum(wanted.values()) > _MOST:
        return None
    queue = deque([(state, wanted, [])])  # type: deque[tuple[str, dict[str, int], list[tuple[str, str]]]]
    seen = set()
    while queue:
        here, left, steps = queue.popleft()
        if not left:
            return steps
        key = (here, tuple(sorted(left.items())))
        if key in seen:
            continue
        seen.add(key)
        for move in _MOVES.get(here, ("closed", "open", "half_open")):
            if move in left:
                rest = {name: count - (name == move) for name, count in left.items()}
                queue.append((move, {name: count for name, count in rest.items() if count}, [*steps, (here, move)]))
    return None
