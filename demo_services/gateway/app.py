"""The shop's only public door: signs in, limits, and hands each request to the services that know.

Versions are in the path. `/v2/products/{sku}` differs from `/v1`: its price is an object, and it tells the stock.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Header, Request, Response
from opentelemetry import baggage, trace
from opentelemetry.context import attach
from pydantic import BaseModel, Field

from demo_services.common.errors import NotFound
from demo_services.common.replies import said
from demo_services.common.runtime import Runtime
from demo_services.gateway.backends import Backends, Json
from demo_services.gateway.domain import RateLimiter, Tokens
from demo_services.gateway.graph import Graph

_BEHIND_AN_ADDRESS = 10  # strangers, for all we know


class SignUp(BaseModel):
    email: str = Field(max_length=200)
    name: str = Field(min_length=1, max_length=100)
    password: str = Field(min_length=1, max_length=100)


class Login(BaseModel):
    email: str = Field(max_length=200)
    password: str = Field(max_length=100)


class Renaming(BaseModel):
    name: str = Field(min_length=1, max_length=100)


class NewOrder(BaseModel):
    sku: str = Field(max_length=100)
    quantity: int = Field(default=1, ge=-1000, le=1000)


class Query(BaseModel):
    query: str = Field(max_length=10_000)
    variables: dict[str, Any] | None = None


class Door:
    """Who is asking: a user with a valid token, or a stranger known by address. Everyone is limited in rate."""

    def __init__(self, tokens: Tokens, limiter: RateLimiter, strangers: RateLimiter) -> None:
        self.tokens = tokens
        self._limiter = limiter
        self._strangers = strangers

    async def anyone(self, request: Request, authorization: Annotated[str, Header()] = "") -> None:
        """A token is not needed here, but one that is sent counts."""
        if authorization:
            await self.user(authorization)
        else:
            self._strangers.take(request.client.host if request.client else "unknown")

    async def user(self, authorization: Annotated[str, Header()] = "") -> str:
        """The user's id. From here on it is in the baggage, and so on every span of the trace."""
        user_id = self.tokens.user_of(authorization)
        self._limiter.take(user_id)
        trace.get_current_span().set_attribute("shop.user.id", user_id)
        attach(baggage.set_baggage("shop.user.id", user_id))
        return user_id


def build_app(runtime: Runtime) -> FastAPI:
    settings = runtime.settings
    limiter = RateLimiter(settings.rate_limit_per_s, settings.rate_limit_burst)
    strangers = RateLimiter(
        settings.rate_limit_per_s * _BEHIND_AN_ADDRESS, settings.rate_limit_burst * _BEHIND_AN_ADDRESS
    )
    door = Door(Tokens(settings.jwt_secret), limiter, strangers)
    backends = Backends(runtime)
    app = FastAPI(title="gateway", version="1")
    app.include_router(_public(door, backends))
    app.include_router(_account(door, backends))
    app.include_router(_orders(door, backends))
    app.include_router(_graphql(door, Graph(backends)))
    return app


def _public(door: Door, backends: Backends) -> APIRouter:
    """What strangers may do."""
    routes = APIRouter(dependencies=[Depends(door.anyone)], responses=said(401, 429, 503))

    @routes.post("/v1/users", status_code=201, responses=said(409, 422))
    def sign_up(user: SignUp) -> Json:
        created: Json = backends.users.post("/users", user.model_dump())
        return created

    @routes.post("/v1/login", responses=said(401))
    def login(credentials: Login) -> Json:
        user = backends.users.post("/sessions", credentials.model_dump())
        return {"token": door.tokens.issue(user["id"]), "token_type": "bearer", "user": user}

    @routes.get("/v1/products")
    def list_products() -> list[Json]:
        return backends.products()

    @routes.get("/v1/products/{sku}", responses=said(404))
    def get_product(sku: str) -> Json:
        product: Json = backends.catalog.get("/products/{sku}", sku=sku)
        return product

    @routes.get("/v2/products/{sku}", responses=said(404))
    def get_product_with_stock(sku: str) -> Json:
        product = backends.product_with_stock(sku)
        price = {"amount_cents": product.pop("price_cents"), "currency": "EUR"}
        return product | {"price": price}

    return routes


def _account(door: Door, backends: Backends) -> APIRouter:
    routes = APIRouter(prefix="/v1/users/me", responses=said(401, 404, 429, 503))
    User = Annotated[str, Depends(door.user)]

    @routes.get("")
    def get_me(user_id: User) -> Json:
        me: Json = backends.users.get("/users/{user_id}", user_id=user_id)
        return me

    @routes.put("")
    def rename_me(user_id: User, renaming: Renaming) -> Json:
        me: Json = backends.users.put("/users/{user_id}", renaming.model_dump(), user_id=user_id)
        return me

    @routes.delete("", status_code=204)
    def delete_me(user_id: User) -> None:
        backends.users.delete("/users/{user_id}", user_id=user_id)

    return routes


def _orders(door: Door, backends: Backends) -> APIRouter:
    routes = APIRouter(prefix="/v1/orders", responses=said(401, 404, 429, 503))
    User = Annotated[str, Depends(door.user)]

    @routes.post("", status_code=201, responses={200: {}, **said(402, 409, 422)})
    def place_order(
        user_id: User,
        order: NewOrder,
        response: Response,
        idempotency_key: Annotated[str, Header(max_length=200)] = "",
    ) -> Json:
        key = f"{user_id}/{idempotency_key}" if idempotency_key else ""
        placed, response.status_code = backends.place_order({"user_id": user_id, **order.model_dump()}, key)
        return placed

    @routes.get("")
    def list_orders(user_id: User) -> list[Json]:
        return backends.orders_of(user_id)

    def own(user_id: User, order_id: str) -> Json:
        if (order := backends.own_order(user_id, order_id)) is None:
            raise NotFound(f"{order_id}: no such order")
        return order

    OwnOrder = Annotated[Json, Depends(own)]

    @routes.get("/{order_id}")
    def get_order(order: OwnOrder) -> Json:
        return order

    @routes.post("/{order_id}/cancellation", responses=said(409))
    def cancel_order(order: OwnOrder) -> Json:
        cancelled: Json = backends.orders.post("/orders/{order_id}/cancellation", {}, order_id=order["id"])
        return cancelled

    @routes.post("/{order_id}/return", responses=said(409))
    def return_order(order: OwnOrder) -> Json:
        returned: Json = backends.orders.put("/orders/{order_id}/status", {"status": "returned"}, order_id=order["id"])
        return returned

    return routes


def _graphql(door: Door, graph: Graph) -> APIRouter:
    routes = APIRouter(responses=said(401, 429))
    User = Annotated[str, Depends(door.user)]

    @routes.post("/graphql")
    def graphql(user_id: User, question: Query) -> Json:
        return graph.answer(user_id, question.query, question.variables)

    return routes
