"""Which cards are charged, and that a repeat is charged once."""

import random
import threading
from dataclasses import dataclass
from typing import Literal

LARGEST_CENTS = 40_000  # no card of the demo is good for more
_REMEMBERED = 10_000


@dataclass(frozen=True)
class Charge:
    id: str
    amount_cents: int
    status: Literal["captured", "declined", "refunded"]


class Charges:
    """By idempotency key, in memory: the provider's own books are nobody's business here."""

    def __init__(self, seed: int, decline_share: float) -> None:
        self._random = random.Random(seed)
        self._decline_share = decline_share
        self._charges: dict[str, Charge] = {}
        self._lock = threading.Lock()

    def charge(self, key: str, amount_cents: int) -> Charge:
        with self._lock:
            if key not in self._charges:
                declined = amount_cents > LARGEST_CENTS or self._random.random() < self._decline_share
                self._charges[key] = Charge(f"ch_{key}", amount_cents, "declined" if declined else "captured")
                self._forget()
            return self._charges[key]

    def refund(self, key: str) -> Charge | None:
        """None where nothing was charged under that key."""
        with self._lock:
            charge = self._charges.get(key)
            if charge and charge.status == "captured":
                self._charges[key] = charge = Charge(charge.id, charge.amount_cents, "refunded")
            return charge

    def _forget(self) -> None:
        while len(self._charges) > _REMEMBERED:
            del self._charges[next(iter(self._charges))]
