"""The rules of the stockroom: what a reservation takes off the shelf, when goods are reordered and arrive."""

import random
import threading
from dataclasses import dataclass, replace

from demo_services.common.errors import OutOfStock

SHELF_SIZE = 50
REORDER_LEVEL = 10  # fewer on hand than this, and a delivery is on its way
DELIVERY_S = 4.0


@dataclass(frozen=True)
class Item:
    """`delivery_at_s` is when ordered goods arrive, in epoch seconds; None while nothing is ordered."""

    sku: str
    on_hand: int = SHELF_SIZE
    delivery_at_s: float | None = None


SKUS = (
    "mug-blue",
    "lamp-desk",
    "notebook-a5",
    "pen-ink",
    "bag-tote",
    "bottle-steel",
    "socks-wool",
    "clock-wall",
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


def put_back(item: Item, quantity: int, now_s: float) -> Item:
    """The item after a reservation was released; a shelf holds no more than its size."""
    item = delivered(item, now_s)
    return replace(item, on_hand=min(SHELF_SIZE, item.on_hand + quantity))


class SlowDoor:
    """A repeatable row of delays: the same seed and share give the same row. Safe to share between threads."""

    def __init__(self, seed: int, slow_share: float) -> None:
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self._slow_share = slow_share

    def delay_s(self) -> float:
        """A slow reservation takes 0.3 to 0.9 s longer, which is still within what `orders` waits."""
        with self._lock:
            slow = self._random.random() < self._slow_share
            delay_s = self._random.uniform(0.3, 0.9)
        return delay_s if slow else 0.0
