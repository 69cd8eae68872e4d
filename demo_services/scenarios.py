"""The shop's named failures, as a table: what is done, and what must become visible, where, and within how many seconds.

`spanscape scenario NAME` plays one on a running shop and ticks its promises off through the collector's API.
"""

from dataclasses import dataclass

from demo_services.services import PROVIDER
from demo_services.signs import (
    BreakerBecomes,
    Deployed,
    EdgeCounts,
    HealthBecomes,
    ServiceCounts,
    Sign,
    StartsBeforeItsCaller,
    TraceBeginsIn,
    TracesMatch,
)


@dataclass(frozen=True)
class Injection:
    """A fault in a service, `at_s` after the scenario's beginning, for so long. `instance` narrows it to one."""

    service: str
    kind: str
    value: str = ""
    at_s: float = 0.0
    for_s: float = 10.0
    instance: str = ""


@dataclass(frozen=True)
class Load:
    """What customers do meanwhile, per second: place orders, look at products, and one who asks far too often."""

    orders_per_s: float = 0.0
    views_per_s: float = 0.0
    pestering_per_s: float = 0.0


@dataclass(frozen=True)
class Promise:
    """`within_s` counts from the scenario's beginning."""

    says: str
    sign: Sign
    within_s: float


@dataclass(frozen=True)
class Scenario:
    name: str
    title: str
    happens: str
    injections: tuple[Injection, ...]
    load: Load
    promises: tuple[Promise, ...]


_ORDERS = Load(orders_per_s=4)
_TO_PROVIDER = ("service:payments", f"external:{PROVIDER}")

_ALL = (
    Scenario(
        "slow-provider",
        "A slow payment provider opens a breaker",
        "The provider takes 1.5 s for each charge. Payments stops asking it, and asks again on trial once it is well.",
        (Injection(PROVIDER, "latency", "1500ms", for_s=12),),
        _ORDERS,
        (
            Promise("payments' breaker to the provider opens", BreakerBecomes("payments", PROVIDER, "open"), 25),
            Promise("calls to the provider are rejected, not failed", EdgeCounts(*_TO_PROVIDER, "rejected"), 30),
            Promise("payments is degraded", HealthBecomes("payments", ("degraded", "unhealthy")), 35),
            Promise("the breaker half-opens", BreakerBecomes("payments", PROVIDER, "half_open"), 40),
            Promise("the breaker closes", BreakerBecomes("payments", PROVIDER, "closed"), 45),
        ),
    ),
    Scenario(
        "provider-down",
        "The payment provider is down, and orders are undone",
        "Nobody answers at the provider's door. Orders fail fast, and what was reserved for them goes back.",
        (Injection(PROVIDER, "down", for_s=10),),
        _ORDERS,
        (
            Promise("payments' breaker to the provider opens", BreakerBecomes("payments", PROVIDER, "open"), 25),
            Promise(
                "sagas put reserved goods back",
                TracesMatch('service=orders name="undo reserve stock" saga.direction=undo', 3),
                25,
            ),
            Promise("the breaker closes", BreakerBecomes("payments", PROVIDER, "closed"), 45),
        ),
    ),
    Scenario(
        "inventory-down",
        "Inventory fails, and sagas wait to be undone",
        "Both instances of inventory fail. Orders cannot know what was reserved: they undo it once inventory answers.",
        (Injection("inventory", "errors", "1", for_s=10),),
        _ORDERS,
        (
            Promise("orders fails at inventory", EdgeCounts("service:orders", "service:inventory", "errors", 3), 30),
            Promise("orders' breaker to inventory opens", BreakerBecomes("orders", "inventory", "open"), 25),
            Promise("inventory is not well", HealthBecomes("inventory", ("degraded", "unhealthy")), 40),
            Promise(
                "sagas that were left behind are resumed and undone",
                TracesMatch('service=orders name="resume saga"', 1),
                45,
            ),
        ),
    ),
    Scenario(
        "retry-storm",
        "Retries multiply the load on a service that fails",
        "Catalog fails every third request. Its callers repeat each failed call up to twice.",
        (Injection("catalog", "errors", "0.33", for_s=8),),
        Load(views_per_s=6),
        (
            Promise("repeats of calls", TracesMatch("service=gateway http.request.resend_count>=1", 3), 30),
            Promise("second repeats as well", TracesMatch("service=gateway http.request.resend_count=2", 1), 30),
            Promise(
                "more calls to catalog fail than customers made",
                EdgeCounts("service:gateway", "service:catalog", "errors", 5),
                30,
            ),
        ),
    ),
    Scenario(
        "cascading-timeouts",
        "One service hangs, and its callers' callers time out",
        "The provider accepts charges and never answers. Payments waits for it, orders for payments, customers for orders.",
        (Injection(PROVIDER, "hang", for_s=10),),
        _ORDERS,
        (
            Promise("payments times out at the provider", EdgeCounts(*_TO_PROVIDER, "errors"), 40),
            Promise("orders at payments", EdgeCounts("service:orders", "service:payments", "errors"), 30),
            Promise("the gateway at orders", EdgeCounts("service:gateway", "service:orders", "errors"), 30),
        ),
    ),
    Scenario(
        "broker-backlog",
        "Events pile up, none is lost",
        "Notifications cannot reach the broker. Letters are late; afterwards all of them are written.",
        (Injection("notifications", "broker_drop", for_s=8),),
        Load(orders_per_s=3),
        (
            Promise(
                "notifications is not well",
                HealthBecomes("notifications", ("degraded", "unhealthy"), "notifications-1"),
                30,
            ),
            Promise("it is healthy again", HealthBecomes("notifications", ("healthy",), "notifications-1"), 40),
            Promise(
                "the events are taken after all",
                EdgeCounts("messaging:redis/shop.orders", "service:notifications", "calls", 10),
                40,
            ),
        ),
    ),
    Scenario(
        "bad-instance",
        "One bad instance of two",
        "users-2 fails nine requests in ten. Its own report says so, the registry stops handing it out.",
        (Injection("users", "errors", "0.9", for_s=10, instance="users-2"),),
        Load(orders_per_s=2, views_per_s=1),
        (
            Promise("the gateway fails at users", EdgeCounts("service:gateway", "service:users", "errors", 3), 30),
            Promise("users-2 is not well", HealthBecomes("users", ("degraded", "unhealthy"), "users-2"), 25),
            Promise("users as a whole is degraded", HealthBecomes("users", ("degraded", "unhealthy")), 25),
        ),
    ),
    Scenario(
        "bad-release",
        "A bad release is rolled out, and rolled back",
        "Users 1.4.0 replaces 1.3.0, instance by instance. It is slower and fails four requests in ten, until 1.3.0 is back.",
        (
            Injection("users", "release", "1.4.0", for_s=24, instance="users-1"),
            Injection("users", "release", "1.4.0", at_s=8, for_s=24, instance="users-2"),
        ),
        Load(views_per_s=6),
        (
            Promise("the deployment is told", Deployed("users", "1.3.0", "1.4.0"), 30),
            Promise(
                "calls of the new version fail",
                TracesMatch("service=users service.version=1.4.0 http.response.status_code=500", 3),
                30,
            ),
            Promise("the gateway fails at users", EdgeCounts("service:gateway", "service:users", "errors", 5), 60),
            Promise("users-1 is not well", HealthBecomes("users", ("degraded", "unhealthy"), "users-1"), 40),
            Promise("the roll-back is told", Deployed("users", "1.4.0", "1.3.0"), 60),
            Promise("users-1 is healthy again", HealthBecomes("users", ("healthy",), "users-1"), 60),
        ),
    ),
    Scenario(
        "rate-limit",
        "One customer asks far too often",
        "A customer asks hundreds of times a second. The gateway refuses most of it, and serves the others.",
        (),
        Load(pestering_per_s=80, views_per_s=1),
        (
            Promise("the gateway rejects, it does not fail", ServiceCounts("gateway", "rejected", 20), 30),
            Promise("with 429", TracesMatch("service=gateway http.response.status_code=429", 10), 30),
        ),
    ),
    Scenario(
        "cache-stampede",
        "Without its cache, every look goes to the database",
        "Catalog's cache is off: each reader loads for itself.",
        (Injection("catalog", "cache_off", for_s=8),),
        Load(views_per_s=12),
        (
            Promise(
                "the database is asked for each product",
                EdgeCounts("service:catalog", "database:sqlite/catalog", "calls", 50),
                30,
            ),
        ),
    ),
    Scenario(
        "clock-skew",
        "A clock that is off",
        "The clock of users is 20 s behind. Its spans seem to end before they were asked for.",
        (Injection("users", "clock_skew", "behind 20s", for_s=8),),
        Load(orders_per_s=2),
        (Promise("users seems to answer before it is asked", StartsBeforeItsCaller("users", 10), 30),),
    ),
    Scenario(
        "lost-context",
        "A service that drops the parent",
        "Orders ignores the trace context that it is sent: its traces begin in the middle.",
        (Injection("orders", "lost_context", for_s=8),),
        Load(orders_per_s=3),
        (Promise("traces begin in orders", TraceBeginsIn("orders", "POST /orders"), 30),),
    ),
    Scenario(
        "crash-and-resume",
        "Orders crashes amid its sagas",
        "Charges are slow, so that sagas are under way when orders crashes. Started again, it goes on with them.",
        (
            Injection(PROVIDER, "latency", "700ms", for_s=8),
            Injection("orders", "crash", at_s=2, for_s=1),
        ),
        _ORDERS,
        (
            Promise("sagas are resumed", TracesMatch('service=orders name="resume saga"'), 30),
            Promise(
                "the gateway fails at orders for a moment",
                EdgeCounts("service:gateway", "service:orders", "errors"),
                30,
            ),
        ),
    ),
    Scenario(
        "database-lock",
        "A forgotten transaction locks a database",
        "Somebody holds the write lock of payments' database. Reports say so, and charges fail.",
        (Injection("payments", "database_lock", for_s=8),),
        _ORDERS,
        (
            Promise("payments is not well", HealthBecomes("payments", ("degraded", "unhealthy"), "payments-1"), 30),
            Promise("orders fails at payments", EdgeCounts("service:orders", "service:payments", "errors"), 25),
        ),
    ),
)

SCENARIOS: dict[str, Scenario] = {scenario.name: scenario for scenario in _ALL}
