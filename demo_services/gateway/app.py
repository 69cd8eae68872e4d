"""The public door: hands each request to the service that knows, and its answer back."""

from typing import Annotated, Any

import requests
from fastapi import Body, FastAPI, Response

from demo_services.common.peers import Peer
from demo_services.common.settings import ServiceSettings


def build_app(settings: ServiceSettings) -> FastAPI:
    app = FastAPI(title="gateway")
    orders = Peer("orders", settings.orders_url, timeout_s=5.0)  # more than orders itself waits for inventory
    inventory = Peer("inventory", settings.inventory_url)

    @app.get("/products")
    def list_products() -> Response:
        return _relay(inventory.get("/products"))

    @app.post("/orders")
    def place_order(order: Annotated[dict[str, Any], Body()]) -> Response:
        return _relay(orders.post("/orders", order))

    @app.get("/orders/{order_id}")
    def get_order(order_id: str) -> Response:
        return _relay(orders.get("/orders/{order_id}", order_id=order_id))

    return app


def _relay(answer: requests.Response) -> Response:
    return Response(answer.content, answer.status_code, media_type=answer.headers.get("content-type"))
