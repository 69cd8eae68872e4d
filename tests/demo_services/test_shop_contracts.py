"""Each service keeps to its own OpenAPI document, and to what its consumers expect of it. The shop is a running one."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
import schemathesis
from customer import PASSWORD, Customer
from hypothesis import HealthCheck, Phase, given, settings
from otlp_sink import otlp_sink
from running_shop import RunningShop, running_shop
from schemathesis.checks import CHECKS, load_all_checks

from demo_services.services import MAIL, SERVICES

EXAMPLES = 6
"""Of each operation."""
SERVICES_WITH_DOCUMENTS = [name for name in SERVICES if name != MAIL]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    folder = tmp_path_factory.mktemp("shop")
    alone = ("--traffic-rate", "0", "--scale", "users=1", "inventory=1")
    calm = {"rate_limit_per_s": "100000", "rate_limit_burst": "100000", "slow_share": "0", "decline_share": "0"}
    with otlp_sink() as sink, running_shop(sink.url, folder, *alone, **calm) as shop:
        yield shop


@pytest.fixture(scope="module")
def ada(shop: RunningShop) -> Customer:
    return Customer(shop.gateway)


@pytest.mark.parametrize("service", SERVICES_WITH_DOCUMENTS)
def test_a_service_answers_as_its_openapi_document_says(shop: RunningShop, service: str) -> None:
    """Whatever it is sent: no status, content type or body that the document does not have, and never a 500."""
    load_all_checks()
    checks = CHECKS.get_by_names(["status_code_conformance", "content_type_conformance", "response_schema_conformance"])
    schema = schemathesis.openapi.from_url(f"{shop.url_of(service)}/openapi.json")
    headers = {"Authorization": f"Bearer {Customer(shop.gateway).token}"} if service == "gateway" else {}
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) > 3

    for operation in operations:

        @given(case=operation.as_strategy())
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def check(case: schemathesis.Case) -> None:
            answer = case.call(headers=headers, timeout=60)
            if answer.status_code != 400:  # the framework's own, for a body that is not UTF-8
                case.validate_response(answer, checks=checks)

        check()


@dataclass(frozen=True)
class Expectation:
    """What `consumer` asks of `provider`, and the fields of the answer that it reads, with their types."""

    consumer: str
    provider: str
    method: str
    path: str
    body: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200
    reads: dict[str, type] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.consumer} asks {self.provider} {self.method} {self.path}"


PRODUCT = {"sku": str, "name": str, "price_cents": int, "few_left": bool}
ORDER = {"id": str, "user_id": str, "status": str, "quantity": int, "total_cents": int, "sku": str}
ACCOUNT = {"email": "contract@example.org", "name": "C", "password": PASSWORD}
KEY = {"Idempotency-Key": "contract"}
EXPECTATIONS = (
    Expectation("gateway", "users", "POST", "/users", ACCOUNT, status=201, reads={"id": str}),
    Expectation("gateway", "users", "POST", "/users", ACCOUNT, status=409, reads={"detail": str}),
    Expectation("gateway", "users", "POST", "/sessions", ACCOUNT, reads={"id": str, "email": str, "name": str}),
    Expectation("gateway", "users", "GET", "/users/nobody", status=404, reads={"detail": str}),
    Expectation("notifications", "users", "GET", "/users/{user_id}", reads={"email": str}),
    Expectation("gateway", "catalog", "GET", "/products/mug-blue", reads=PRODUCT),
    Expectation("orders", "catalog", "GET", "/products/mug-blue", reads={"price_cents": int}),
    Expectation("orders", "catalog", "GET", "/products/moon", status=404, reads={"detail": str}),
    Expectation("gateway", "inventory", "GET", "/stock/mug-blue", reads={"on_hand": int}),
    Expectation("orders", "inventory", "PUT", "/reservations/contract", {"sku": "mug-blue", "quantity": 1}),
    Expectation("orders", "inventory", "PUT", "/reservations/contract", {"sku": "mug-blue", "quantity": 1}),
    Expectation("orders", "inventory", "DELETE", "/reservations/contract", status=204),
    Expectation("orders", "inventory", "DELETE", "/reservations/never-made", status=204),
    Expectation("orders", "inventory", "PUT", "/reservations/contract", {"sku": "mug-blue", "quantity": 1}, status=409),
    Expectation(
        "orders", "inventory", "PUT", "/reservations/too-much", {"sku": "mug-blue", "quantity": 999}, status=409
    ),
    Expectation("orders", "payments", "PUT", "/payments/contract", {"user_id": "ada", "amount_cents": 500}),
    Expectation(
        "orders", "payments", "PUT", "/payments/declined", {"user_id": "ada", "amount_cents": 99_999}, status=402
    ),
    Expectation("orders", "payments", "DELETE", "/payments/contract", reads={"status": str}),
    Expectation("orders", "payments", "DELETE", "/payments/never-made", reads={"status": str}),
    Expectation("payments", "payment-provider", "POST", "/charges", {"amount_cents": 5}, KEY, reads={"status": str}),
    Expectation("payments", "payment-provider", "PUT", "/refunds/contract", {}, reads={"status": str}),
    Expectation("gateway", "orders", "POST", "/orders", {"user_id": "ada", "sku": "mug-blue"}, KEY, 201, ORDER),
    Expectation("gateway", "orders", "POST", "/orders", {"user_id": "ada", "sku": "mug-blue"}, KEY, 200, ORDER),
    Expectation("gateway", "orders", "GET", "/orders/nothing", status=404, reads={"detail": str}),
    Expectation("gateway", "orders", "POST", "/orders/nothing/cancellation", {}, status=404, reads={"detail": str}),
    Expectation("gateway", "orders", "PUT", "/orders/nothing/status", {"status": "returned"}, status=404),
)


def test_every_service_gives_what_its_consumers_expect(shop: RunningShop, ada: Customer) -> None:
    """In the table's order, for some build on others."""
    broken = [problem for expectation in EXPECTATIONS if (problem := what_is_wrong(shop, ada, expectation))]
    assert broken == []


def what_is_wrong(shop: RunningShop, ada: Customer, expectation: Expectation) -> str:
    url = shop.url_of(expectation.provider) + expectation.path.format(user_id=ada.id)
    answer = requests.request(expectation.method, url, json=expectation.body, headers=expectation.headers, timeout=60)
    if answer.status_code != expectation.status:
        return f"{expectation}: {expectation.status} expected, got {answer.status_code} {answer.text}"
    found = answer.json() if answer.content else {}
    wrong = {
        name: found.get(name) for name, type_ in expectation.reads.items() if not isinstance(found.get(name), type_)
    }
    return f"{expectation}: {wrong}" if wrong else ""


def test_the_table_has_an_expectation_for_every_call_between_services() -> None:
    calls = {
        (service.name, callee) for service in SERVICES.values() for callee in service.calls if callee != "registry"
    }
    calls |= {(service.name, peer) for service in SERVICES.values() for peer in service.externals if peer != MAIL}
    assert {(expectation.consumer, expectation.provider) for expectation in EXPECTATIONS} == calls


def test_text_that_is_not_unicode_is_refused_and_any_other_is_taken(shop: RunningShop) -> None:
    payments = f"{shop.url_of('payments')}/payments"
    half = requests.put(f"{payments}/half", json={"user_id": "\udae1", "amount_cents": 5}, timeout=60)
    assert (half.status_code, half.json()["detail"][0]["type"]) == (422, "string_unicode")
    whole = requests.put(f"{payments}/Ïâ‚🦊", json={"user_id": "Ünïcödé", "amount_cents": 5}, timeout=60)
    assert (whole.status_code, whole.json()["order_id"]) == (200, "Ïâ‚🦊")
