"""The rules of the stockroom: what a reservation takes off the shelf, when goods are reordered and arrive."""

import random
import threading
from dataclasses import dataclass, replace

from demo_services.common.errors import OutOfStock

SHELF_SIZE = 50
REORDER_LEVEL = 5  # fewer on hand than this, and a delivery is on its way
DELIVERY_S = 4.0


@dataclass(frozen=True)
class Item:
    """`delivery_at_s` is when ordered goods arrive, in epoch seconds; None while nothing is ordered."""

    sku: str
    name: str
    price_cents: int
    on_hand: int = SHELF_SIZE
    delivery_at_s: float | None = None


ASSORTMENT = (
    Item("mug-blue", "Blue mug", 1_250),
    Item("lamp-desk", "Desk lamp", 4_900),
    Item("notebook-a5", "Notebook A5", 690),
    Item("pen-ink", "Ink pen", 1_990),
    Item("bag-tote", "Tote bag", 1_500),
    Item("bottle-steel", "Steel bottle", 2_450),
    Item("socks-wool", "Wool socks", 1_190),
    Item("clock-wall", "Wall clock", 3_750),
)


def delivered(item: Item, now_s: float) -> Item:
    """The item as it is at `now_s`: a delivery that has arrived fills the shelf."""
    if item.delivery_at_s is None or now_s < item.delivery_at_s:
        return item
    return replace(item, on_hand=SHELF_SIZE, delivery_at_s=None)


def take(item: Item, quantity: int, now_s: float) -> Item:
    """The item after `quantity` of it was reserved at `now_s`. Raises OutOfStock if there is less on the shelf."""
    item = delivered(item, now_s)
    if item.on_hand < quantity:
        raise OutOfStock(f"{item.sku}: {quantity} wanted, {item.on_hand} on the shelf")
    left = item.on_hand - quantity
    if left < REORDER_LEVEL and item.delivery_at_s is None:
        return replace(item, on_hand=left, delivery_at_s=now_s + DELIVERY_S)
    return replace(item, on_hand=left)


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one reservation; most often nothing."""

    delay_s: float = 0.0
    fails: bool = False


class Faults:
    """A repeatable row of faults: the same seed and shares give the same row. Safe to share between threads."""

    def __init__(self, seed: int, slow_share: float, failing_share: float) -> None:
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self._slow_share = slow_share
        self._failing_share = failing_share

    def draw(self) -> Fault:
        """A slow reservation takes 0.3 to 0.9 s longer, which is still within what `orders` waits."""
        with self._lock:
            slow = self._random.random() < self._slow_share
            fails = self._random.random() < self._failing_share
            delay_s = self._random.uniform(0.3, 0.9)
        return Fault(delay_s if slow else 0.0, fails)
