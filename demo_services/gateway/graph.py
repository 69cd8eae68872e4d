"""The GraphQL side of the gateway: who I am, with my orders and their products, in one question."""

from collections.abc import Callable
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    build_schema,
    execute_sync,
    parse,
    validate,
)
from opentelemetry import trace

from demo_services.common.errors import ShopError
from demo_services.gateway.backends import Backends, Json

_LONGEST_QUERY = 4_000
_DEEPEST = 6
_SDL = """
type Query {
  "Who is signed in"
  me: User!
  products: [Product!]!
}
type User { id: ID! name: String! email: String! orders: [Order!] }
type Order { id: ID! sku: String! quantity: Int! status: String! total_cents: Int! product: Product }
type Product { sku: String! name: String! price_cents: Int! few_left: Boolean! }
"""
_tracer = trace.get_tracer(__name__)


class Graph:
    def __init__(self, backends: Backends) -> None:
        self._backends = backends
        self._schema = build_schema(_SDL)
        resolvers: dict[tuple[str, str], Callable[..., Any]] = {
            ("Query", "me"): lambda _root, info: backends.users.get("/users/{user_id}", user_id=info.context),
            ("Query", "products"): lambda _root, _info: backends.products(),
            ("User", "orders"): lambda user, _info: backends.orders_of(user["id"]),
            ("Order", "product"): lambda order, _info: backends.catalog.get("/products/{sku}", sku=order["sku"]),
        }
        for (type_name, field), resolve in resolvers.items():
            _set_resolver(self._schema, type_name, field, resolve)

    def answer(self, user_id: str, query: str, variables: Json | None) -> Json:
        """`{"data", "errors"}` as GraphQL has it: what a service does not answer is null, with an error beside it."""
        document = self._checked(query)
        if isinstance(document, GraphQLError):
            return {"errors": [document.formatted]}
        with _tracer.start_as_current_span(
            _operation_name(document), attributes={"graphql.operation.type": "query", "graphql.document": query}
        ):
            result = execute_sync(self._schema, document, context_value=user_id, variable_values=variables)
        answer: Json = {"data": result.data}
        if result.errors:
            answer["errors"] = [_formatted(error) for error in result.errors]
        return answer

    def _checked(self, query: str) -> DocumentNode | GraphQLError:
        """The document, or what is wrong with it; also where it is too large to be asked."""
        if len(query) > _LONGEST_QUERY or query.count("{") > _DEEPEST:
            return GraphQLError(f"at most {_LONGEST_QUERY} characters and {_DEEPEST} selections expected")
        try:
            document = parse(query)
        except GraphQLError as error:
            return error
        wrong = validate(self._schema, document)
        return wrong[0] if wrong else document


def _set_resolver(schema: GraphQLSchema, type_name: str, field: str, resolve: Callable[..., Any]) -> None:
    type_: Any = schema.type_map[type_name]
    type_.fields[field].resolve = resolve


def _operation_name(document: DocumentNode) -> str:
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    name = operations[0].name.value if operations and operations[0].name else ""
    return f"query {name}".rstrip()


def _formatted(error: GraphQLError) -> dict[str, Any]:
    """Only our own errors say more than that something went wrong."""
    formatted: dict[str, Any] = dict(error.formatted)
    if error.original_error and not isinstance(error.original_error, ShopError):
        formatted["message"] = "internal error"
    return formatted
