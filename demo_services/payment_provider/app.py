"""The HTTP face of the provider."""

from typing import Annotated

from fastapi import FastAPI, Header
from pydantic import BaseModel, Field

from demo_services.common.database import open_database
from demo_services.common.errors import NotFound
from demo_services.common.replies import said
from demo_services.common.runtime import Runtime
from demo_services.payment_provider.domain import SCHEMA, Charge, Charges
from demo_services.services import PROVIDER


class ChargeRequest(BaseModel):
    amount_cents: int = Field(ge=1, le=10**9)


def build_app(runtime: Runtime) -> FastAPI:
    app = FastAPI(title="payment provider", version="1")
    settings = runtime.settings
    charges = Charges(open_database(settings, PROVIDER, SCHEMA), settings.seed, settings.decline_share)

    @app.post("/charges")
    def charge(request: ChargeRequest, idempotency_key: Annotated[str, Header(min_length=1, max_length=200)]) -> Charge:
        return charges.charge(idempotency_key, request.amount_cents)

    @app.put("/refunds/{key}", responses=said(404))
    def refund(key: str) -> Charge:
        if (charge := charges.refund(key)) is None:
            raise NotFound(f"{key}: nothing was charged")
        return charge

    return app
