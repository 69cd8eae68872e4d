"""The one table of the shop: its services, where each listens when started alone, and whom each calls."""

from dataclasses import dataclass

NAMESPACE = "shop"
GATEWAY = "gateway"
SHOPPER = "shopper"


@dataclass(frozen=True)
class Service:
    """`port` is used when nothing else is said; under the supervisor all but the gateway get a free one.
    `calls` are names of services, `databases` are what `db.namespace` says on its database spans.
    """

    name: str
    version: str
    port: int
    calls: tuple[str, ...] = ()
    databases: tuple[str, ...] = ()

    @property
    def default_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def module(self) -> str:
        return f"demo_services.{self.name}.main"


SERVICES: dict[str, Service] = {
    service.name: service
    for service in (
        Service(GATEWAY, "1.2.0", 8000, calls=("orders", "inventory")),
        Service("orders", "1.4.1", 8001, calls=("inventory",), databases=("orders",)),
        Service("inventory", "1.1.3", 8002, databases=("inventory",)),
    )
}

SHOPPER_VERSION = "1.0.0"
SHOPPER_CALLS = (GATEWAY,)


def version_of(name: str) -> str:
    """The release a service reports as `service.version`. Raises KeyError for a name the shop does not have."""
    return SHOPPER_VERSION if name == SHOPPER else SERVICES[name].version


def expected_edges() -> frozenset[tuple[str, str]]:
    """(caller, callee) for every call between services that the shop makes, the shoppers' included."""
    between = {(service.name, callee) for service in SERVICES.values() for callee in service.calls}
    return frozenset(between | {(SHOPPER, callee) for callee in SHOPPER_CALLS})
