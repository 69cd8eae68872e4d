"""A customer of the shop, as tests need one: signed up and signed in, in a trace of the test's own."""

import itertools
import uuid
from typing import Any

import requests

ROOT = "00f067aa0ba902b7"  # the id of the test's own span, which nobody exports
PASSWORD = "correct horse battery"
_numbers = itertools.count(1)


class Customer:
    def __init__(self, gateway: str) -> None:
        self._gateway = gateway
        self.email = f"{uuid.uuid4().hex[:12]}@example.org"
        account = {"email": self.email, "name": "Ada", "password": PASSWORD}
        self.id: str = self.ask("POST", "/v1/users", account).json()["id"]
        self.token: str = self.ask("POST", "/v1/login", account).json()["token"]

    def ask(self, method: str, path: str, body: Any = None, trace_id: str = "", **headers: str) -> requests.Response:
        """`headers` in Python's spelling: `idempotency_key="..."`."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if hasattr(self, "token"):
            sent.setdefault("authorization", f"Bearer {self.token}")
        if trace_id:
            sent["traceparent"] = f"00-{trace_id}-{ROOT}-01"
        return requests.request(method, self._gateway + path, json=body, headers=sent, timeout=60)

    def order(self, sku: str = "mug-blue", quantity: int = 2, **options: str) -> requests.Response:
        return self.ask("POST", "/v1/orders", {"sku": sku, "quantity": quantity}, **options)

    def orders(self) -> list[str]:
        """The states of this customer's orders, newest first; none while the shop does not say."""
        answer = self.ask("GET", "/v1/orders")
        return [order["status"] for order in answer.json()] if answer.ok else []


def new_trace() -> str:
    return f"{next(_numbers):032x}"
