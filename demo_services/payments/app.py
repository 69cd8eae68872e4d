"""The HTTP face of payments: charging for an order, and giving it back."""

import logging
from urllib.parse import quote

from fastapi import FastAPI
from opentelemetry import trace
from pydantic import BaseModel, Field

from demo_services.common.balancing import Balancer, Instance
from demo_services.common.bus import Publisher, connect
from demo_services.common.database import open_database
from demo_services.common.errors import PaymentDeclined
from demo_services.common.health import dependency_is_reached
from demo_services.common.outbox import Outbox
from demo_services.common.peers import Peer
from demo_services.common.replies import said
from demo_services.common.runtime import Runtime
from demo_services.payments.domain import Payment
from demo_services.payments.ledger import OUTBOX, SCHEMA, Ledger
from demo_services.services import PROVIDER

_log = logging.getLogger(__name__)


class ChargeRequest(BaseModel):
    user_id: str = Field(max_length=100)
    amount_cents: int = Field(ge=1, le=10**9)


def build_app(runtime: Runtime) -> FastAPI:
    app = FastAPI(title="payments", version="1")
    settings = runtime.settings
    engine = open_database(settings, "payments", SCHEMA)
    runtime.uses_database(engine)
    outbox = Outbox(engine, OUTBOX, Publisher(connect(settings.redis_url), runtime.broker(), runtime.faults))
    runtime.run(outbox)
    ledger = Ledger(engine, outbox)
    provider = _provider(runtime)

    @app.put("/payments/{order_id}", responses=said(402, 409, 422, 503))
    def charge(order_id: str, request: ChargeRequest) -> Payment:
        payment = ledger.open(Payment(order_id, request.user_id, request.amount_cents))
        trace.get_current_span().set_attribute("shop.amount_cents", payment.amount_cents)
        if payment.to_charge():
            answer = provider.post("/charges", {"amount_cents": payment.amount_cents}, idempotency_key=_key(order_id))
            payment = payment.charged(answer["status"] == "captured")
            ledger.write(payment)
        if payment.status == "declined":
            raise PaymentDeclined(f"order {order_id}: the card was declined")
        _log.info("charged %d cents for order %s", payment.amount_cents, order_id)
        return payment

    @app.delete("/payments/{order_id}", responses=said(422, 503))
    def give_back(order_id: str) -> Payment:
        """Also for an order that never paid: it is noted, so that a late charge is refused."""
        payment = ledger.open(Payment(order_id, "", 0, "void"))
        if payment.status == "captured":
            provider.put("/refunds/{key}", {}, key=_key(order_id))
        payment = payment.given_back()
        ledger.write(payment)
        return payment

    @app.get("/payments/{order_id}", responses=said(404))
    def get(order_id: str) -> Payment:
        return ledger.get(order_id)

    return app


def _key(order_id: str) -> str:
    """What the provider knows the charge by: a header takes no letters beyond Latin-1."""
    return quote(order_id, safe="")


def _provider(runtime: Runtime) -> Peer:
    """The provider is outside: at a fixed address, not in the registry, and with its own breaker."""
    outside = [Instance(PROVIDER, runtime.settings.provider_url)]
    guard = runtime.guards.for_target(PROVIDER)
    runtime.health.add(f"{PROVIDER}:reachability", dependency_is_reached(PROVIDER, lambda: guard.state))
    balancer = Balancer(PROVIDER, lambda: outside)
    return Peer(PROVIDER, balancer, guard, runtime.settings.timeout_s, runtime.settings.call_attempts)
