"""What a shopper does in the shop: journeys of a few requests with thinking in between, chosen at random."""

import random
import uuid
from collections.abc import Callable
from typing import Any

import requests
from opentelemetry import baggage, trace
from opentelemetry.context import attach, detach
from opentelemetry.trace import SpanKind

from demo_services.common.errors import NotSignedIn, PeerUnavailable
from demo_services.common.peers import describe_call, new_session
from demo_services.services import GATEWAY

Wait = Callable[[float], bool]  # waits so many seconds; true, and at once, when it is time to stop
Json = dict[str, Any]
_THINKING_S = (0.05, 0.4)
_PASSWORD = "correct horse battery"
_TIMEOUT_S = 12.0
_GRAPHQL = "query Me { me { name orders { id status total_cents } } }"
_tracer = trace.get_tracer(__name__)

JOURNEYS: dict[str, float] = {"browse": 0.5, "order": 0.3, "look back": 0.1, "cancel": 0.06, "return": 0.04}
"""Shares. Everyone signs up before the first journey that needs it."""


class Gateway:
    """The shop as its customers know it: plain HTTP, no registry, no breaker."""

    def __init__(self, base_url: str, users: int) -> None:
        self._base_url = base_url.rstrip("/")
        self._session = new_session(pool_size=max(4, users))

    def ask(self, method: str, template: str, token: str = "", body: Json | None = None, **path: str) -> Any:
        """The JSON answered. Raises PeerUnavailable without a good answer, NotSignedIn; None is any other refusal."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if template == "/v1/orders" and method == "POST":
            headers["Idempotency-Key"] = uuid.uuid4().hex
        with describe_call(GATEWAY, template):
            try:
                answer = self._session.request(
                    method, self._base_url + template.format(**path), headers=headers, json=body, timeout=_TIMEOUT_S
                )
            except requests.RequestException as error:
                raise PeerUnavailable(f"gateway did not answer: {type(error).__name__}") from error
        if answer.status_code == 401:
            raise NotSignedIn("signed out")
        if answer.status_code >= 500:
            raise PeerUnavailable(f"gateway answered {answer.status_code}")
        return answer.json() if answer.ok else None


class Shopper:
    """One simulated person. Two with the same seed choose alike, given the same products."""

    def __init__(self, gateway: Gateway, seed: str, wait: Wait) -> None:
        self._gateway = gateway
        self._random = random.Random(seed)
        self._wait = wait
        self._token = ""
        self._journeys: dict[str, Callable[[], None]] = {
            "browse": self._browse,
            "order": self._buy,
            "look back": self._look_back,
            "cancel": lambda: self._undo("cancellation"),
            "return": lambda: self._undo("return"),
        }

    def go(self) -> str:
        """One journey, as a trace whose baggage says which. Returns its name. Raises ShopError."""
        name = self._random.choices(list(JOURNEYS), list(JOURNEYS.values()))[0]
        token = attach(baggage.set_baggage("shop.journey", name))
        try:
            with _tracer.start_as_current_span(name, kind=SpanKind.INTERNAL, record_exception=False):
                self._journeys[name]()
        except NotSignedIn:
            self._token = ""
        finally:
            detach(token)
        return name

    def look_around(self) -> None:
        """A tour of every corner of the shop, so that a map of it is complete soon: also the rare ones, where a card is
        declined and a shelf runs empty. Raises ShopError.
        """
        with _tracer.start_as_current_span("tour", kind=SpanKind.INTERNAL, record_exception=False):
            self._browse()
            token = self._signed_in()
            self._gateway.ask("POST", "/v1/orders", token, {"sku": "lamp-desk", "quantity": 10})
            for _ in range(5):
                self._gateway.ask("POST", "/v1/orders", token, {"sku": "clock-wall", "quantity": 10})
            self._look_back()

    def choose(self, products: list[Json]) -> Json:
        """An order for one of the products, by preference one near the top of the list."""
        preferences = [1 / (position + 1) for position in range(len(products))]
        product = self._random.choices(products, preferences)[0]
        return {"sku": product["sku"], "quantity": self._random.randint(1, 3)}

    def _browse(self) -> None:
        products = self._gateway.ask("GET", "/v1/products", self._token)
        if products and not self._thinks():
            self._gateway.ask("GET", "/v2/products/{sku}", self._token, sku=self.choose(products)["sku"])

    def _order(self) -> Json | None:
        token = self._signed_in()
        products = self._gateway.ask("GET", "/v1/products", self._token)
        if not token or not products or self._thinks():
            return None
        placed: Json | None = self._gateway.ask("POST", "/v1/orders", token, self.choose(products))
        return placed

    def _buy(self) -> None:
        self._order()

    def _look_back(self) -> None:
        if token := self._signed_in():
            self._gateway.ask("POST", "/graphql", token, {"query": _GRAPHQL})

    def _undo(self, how: str) -> None:
        if (order := self._order()) and order["status"] == "confirmed" and not self._thinks():
            self._gateway.ask("POST", f"/v1/orders/{{order_id}}/{how}", self._token, {}, order_id=order["id"])

    def _signed_in(self) -> str:
        """A token; "" if the shop does not let this shopper in now."""
        if not self._token:
            email = f"shopper-{uuid.UUID(int=self._random.getrandbits(128)).hex[:12]}@example.org"
            account = {"email": email, "password": _PASSWORD}
            self._gateway.ask("POST", "/v1/users", body={**account, "name": "A. Shopper"})
            if answer := self._gateway.ask("POST", "/v1/login", body=account):
                self._token = answer["token"]
        return self._token

    def _thinks(self) -> bool:
        return self._wait(self._random.uniform(*_THINKING_S))
