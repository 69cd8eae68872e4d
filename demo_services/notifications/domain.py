"""Which event is worth a letter, to whom, and what it says."""

from dataclasses import dataclass

from demo_services.common import events
from demo_services.common.events import Event

BUYER = "purchasing@shop.example"


@dataclass(frozen=True)
class Letter:
    """`user_id` is whom it is for; "" is the shop itself."""

    user_id: str
    subject: str
    text: str


_LETTERS: dict[str, tuple[str, str]] = {
    events.ORDER_CREATED: ("We got your order", "Thank you. We are getting {quantity} x {sku} ready."),
    events.ORDER_CONFIRMED: ("Your order is confirmed", "{quantity} x {sku} for {total_cents} cents is on its way."),
    events.ORDER_CANCELLED: ("Your order is cancelled", "{quantity} x {sku} will not come: {reason}"),
    events.PAYMENT_FAILED: ("Your payment failed", "Your card was declined for {amount_cents} cents."),
    events.STOCK_LOW: ("Few left: {sku}", "Only {on_hand} x {sku} left."),
}


def letter_for(event: Event) -> Letter | None:
    """None for events that nobody is told of. Raises KeyError for one that lacks what its letter says."""
    if event.type not in _LETTERS:
        return None
    subject, text = _LETTERS[event.type]
    return Letter(event.data.get("user_id", ""), subject.format_map(event.data), text.format_map(event.data))
