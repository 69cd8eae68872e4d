"""The one table of the shop: its services, where each listens when started alone, and whom each calls."""

from dataclasses import dataclass

NAMESPACE = "shop"
GATEWAY = "gateway"
REGISTRY = "registry"
SHOPPER = "shopper"
PROVIDER = "payment-provider"
MAIL = "mail"
REDIS = "redis"

ORDER_EVENTS = "shop.orders"
PAYMENT_EVENTS = "shop.payments"
STOCK_EVENTS = "shop.stock"
DEAD_LETTERS = "shop.dead-letters"


@dataclass(frozen=True)
class Service:
    """`port` is used when nothing else is said; under the supervisor all but the gateway and the registry get free ones.

    `calls` are names of services; `databases` and `externals` are what the map calls the nodes of other kinds;
    `sends` and `takes` are streams of events.
    """

    name: str
    version: str
    port: int
    instances: int = 1
    calls: tuple[str, ...] = ()
    externals: tuple[str, ...] = ()
    databases: tuple[str, ...] = ()
    sends: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()

    @property
    def default_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def module(self) -> str:
        return f"demo_services.{self.name.replace('-', '_')}.main"


SERVICES: dict[str, Service] = {
    service.name: service
    for service in (
        Service(REGISTRY, "1.0.0", 8001),
        Service(PROVIDER, "2026.1", 8002),
        Service(MAIL, "1.0.0", 8025),
        Service("users", "1.3.0", 8003, instances=2, calls=(REGISTRY,), databases=("sqlite/users",)),
        Service(
            "catalog",
            "1.0.2",
            8004,
            calls=(REGISTRY,),
            databases=("sqlite/catalog", "redis"),
            takes=(STOCK_EVENTS,),
        ),
        Service(
            "inventory",
            "1.1.3",
            8005,
            instances=2,
            calls=(REGISTRY,),
            databases=("sqlite/inventory",),
            sends=(STOCK_EVENTS,),
        ),
        Service(
            "payments",
            "1.2.0",
            8006,
            calls=(REGISTRY,),
            externals=(PROVIDER,),
            databases=("sqlite/payments",),
            sends=(PAYMENT_EVENTS,),
        ),
        Service(
            "orders",
            "1.4.1",
            8007,
            calls=(REGISTRY, "catalog", "inventory", "payments"),
            databases=("sqlite/orders",),
            sends=(ORDER_EVENTS,),
        ),
        Service(
            "notifications",
            "1.0.4",
            8008,
            calls=(REGISTRY, "users"),
            externals=(MAIL,),
            databases=("sqlite/notifications",),
            takes=(ORDER_EVENTS, PAYMENT_EVENTS, STOCK_EVENTS),
        ),
        Service(GATEWAY, "1.2.0", 8000, calls=(REGISTRY, "users", "catalog", "inventory", "orders")),
    )
}
"""In the order in which they are started."""

REDIS_PORT = 6379
SHOPPER_VERSION = "1.0.0"
SHOPPER_CALLS = (GATEWAY,)
REPORTING = frozenset(SERVICES) - {PROVIDER, MAIL}
"""Those that trace and log: the payment provider and the mail server stand for other people's, which the map must guess."""


def version_of(name: str) -> str:
    """The release a service reports as `service.version`. Raises KeyError for a name the shop does not have."""
    return SHOPPER_VERSION if name == SHOPPER else SERVICES[name].version


def expected_edges() -> frozenset[tuple[str, str]]:
    """(source, target) as the map's node ids, for every call that the shop makes while shoppers use it.

    Redis as a cache is left out: its node's name has the port.
    """
    return frozenset(
        [(f"service:{SHOPPER}", f"service:{callee}") for callee in SHOPPER_CALLS]
        + [edge for service in SERVICES.values() for edge in _edges_of(service)]
    )


def first_edges() -> frozenset[tuple[str, str]]:
    """Those of the expected edges that show at once: what is outside is drawn only when no answer came for a while."""
    return frozenset(edge for edge in expected_edges() if not edge[1].startswith("external:"))


def _edges_of(service: Service) -> list[tuple[str, str]]:
    here = f"service:{service.name}"
    targets = [
        *(f"service:{callee}" for callee in service.calls),
        *(f"external:{peer}" for peer in service.externals),
        *(f"database:{name}" for name in service.databases if name != REDIS),
        *(f"messaging:redis/{stream}" for stream in service.sends),
    ]
    return [(here, target) for target in targets] + [(f"messaging:redis/{stream}", here) for stream in service.takes]
