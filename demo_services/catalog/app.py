"""The HTTP face of catalog: products, through a cache."""

from dataclasses import asdict

from fastapi import FastAPI

from demo_services.catalog.domain import Product
from demo_services.catalog.shelf import SCHEMA, Shelf, stock_up
from demo_services.common.bus import Consumer, connect
from demo_services.common.cache import Cache
from demo_services.common.database import open_database
from demo_services.common.events import Event
from demo_services.common.replies import said
from demo_services.common.runtime import Runtime
from demo_services.services import STOCK_EVENTS

_ALL = "all"


def build_app(runtime: Runtime) -> FastAPI:
    app = FastAPI(title="catalog", version="1")
    settings = runtime.settings
    engine = open_database(settings, "catalog", SCHEMA, stock_up)
    runtime.uses_database(engine)
    shelf = Shelf(engine)
    guard = runtime.broker()
    cache = Cache(settings.redis_url, "catalog:", settings.cache_ttl_s, guard, runtime.faults)

    def note_stock(event: Event) -> None:
        shelf.mark(event.data["sku"], few_left=True)
        cache.forget(_ALL)
        cache.forget(event.data["sku"])

    runtime.run(
        Consumer(
            connect(settings.redis_url),
            "catalog",
            runtime.instance,
            (STOCK_EVENTS,),
            note_stock,
            settings.redelivery_s,
            settings.max_deliveries,
            runtime.faults,
        )
    )

    @app.get("/products")
    def list_products() -> list[Product]:
        return [Product(**entry) for entry in cache.get(_ALL, lambda: [asdict(product) for product in shelf.list()])]

    @app.get("/products/{sku}", responses=said(404))
    def get_product(sku: str) -> Product:
        return Product(**cache.get(sku, lambda: asdict(shelf.get(sku))))

    return app
