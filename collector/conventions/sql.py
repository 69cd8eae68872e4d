"""The conventions as SQL expressions over a span, for the store's schema. Only words of our own go in.

A span's attribute names are turned into small numbers once (`concepts`, an array beside the attributes' `names` and `texts`,
computed on the dictionary of names), then each concept's place in it is found, 0 where it is absent. Looking names up in
the map itself, one by one, cost more than everything else together.
"""

from collector.conventions import semconv

_CONCEPTS: dict[str, tuple[str, ...]] = {
    "peer_service": semconv.PEER_SERVICE,
    "address": semconv.SERVER_ADDRESS,
    "port": semconv.SERVER_PORT,
    "url": semconv.URL,
    "rpc_service": semconv.RPC_SERVICE,
    "db_system": semconv.DB_SYSTEM,
    "db_namespace": semconv.DB_NAMESPACE,
    "messaging_system": semconv.MESSAGING_SYSTEM,
    "destination": semconv.MESSAGING_DESTINATION,
    "operation": semconv.MESSAGING_OPERATION,
    "error_type": semconv.ERROR_TYPE,
    "http_status": semconv.HTTP_STATUS,
    "refusal_mark": semconv.REFUSAL_MARKS,
}
_HOST_OF_URL = "^[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^/?#]*@)?([^/?#]*)"
"""Host and port, without user and password. The engine's own `netloc` keeps those, and parts of some paths."""

_NUMBERS = {concept: number for number, concept in enumerate(_CONCEPTS, 1)}


def words() -> dict[str, str]:
    """What the schema takes from the conventions: `environment` (over ResourceAttributes), `concepts` (over `names`), and over
    that `peer_kind`, `peer` and `is_rejected`. These read SpanKind, StatusCode and `Events.Attributes` too."""
    of_span = {"concepts": _concepts(), "peer_kind": _peer_kind(), "peer": _peer(), "is_rejected": _is_rejected()}
    return {"environment": environment(), **of_span}


def environment() -> str:
    """Where the resource ran, by the current name of the attribute, else by the older one; '' where it does not say."""
    current, older = (f"ResourceAttributes['{name}']" for name in semconv.ENVIRONMENT)
    return f"if({current} = '', {older}, {current})"


def _at(concept: str) -> str:
    """Where among the span's attributes the concept is, 0 when it is not."""
    return f"indexOf(concepts, {_NUMBERS[concept]})"


def _text(concept: str) -> str:
    """Its text, '' when the span has none: element 0 of an array is ''."""
    return f"texts[{_at(concept)}]"


def _concepts() -> str:
    pairs = [(name, _NUMBERS[concept]) for concept, names in _CONCEPTS.items() for name in names]
    names = ", ".join(f"'{name}'" for name, _ in pairs)
    numbers = ", ".join(str(number) for _, number in pairs)
    return f"arrayMap(name -> transform(name, [{names}], [{numbers}], 0)::UInt8, names)"


def _list(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


_SPAN_WITH_PEER = "SpanKind IN ('Client', 'Producer', 'Consumer')"
_IS_CONSUMER = "SpanKind = 'Consumer'"


def _peer_kind() -> str:
    """database, broker_out, broker_in, external or none. Only client, producer and consumer spans have a peer."""
    receives = f"{_IS_CONSUMER} OR {_text('operation')} IN ({_list(semconv.MESSAGING_RECEIVE)})"
    return f"""multiIf(
        NOT {_SPAN_WITH_PEER}, 'none',
        {_at("messaging_system")} > 0, if({receives}, 'broker_in', 'broker_out'),
        {_IS_CONSUMER}, 'none',
        {_at("db_system")} > 0, 'database',
        {" + ".join(_at(name) for name in ("peer_service", "address", "url", "rpc_service"))} > 0, 'external',
        'none')"""


def _peer() -> str:
    """`system/destination` of a broker, `system/namespace@address` of a database, the name of another peer.

    Another peer is named by its service, else its address and port, else the host of the URL, else the RPC service.
    """
    address = f"concat({_text('address')}, {_after(':', 'port')})"
    at_address = f"if({_at('address')} = 0, '', concat('@', {address}))"
    return f"""toLowCardinality(multiIf(
        NOT {_SPAN_WITH_PEER}, '',
        {_at("messaging_system")} > 0, concat({_text("messaging_system")}, {_after("/", "destination")}),
        {_IS_CONSUMER}, '',
        {_at("db_system")} > 0, concat({_text("db_system")}, {_after("/", "db_namespace")}, {at_address}),
        {_at("peer_service")} > 0, {_text("peer_service")},
        {_at("address")} > 0, {address},
        {_at("url")} > 0, extract({_text("url")}, '{_HOST_OF_URL}'),
        {_text("rpc_service")}))"""


def _after(mark: str, concept: str) -> str:
    return f"if({_at(concept)} = 0, '', concat('{mark}', {_text(concept)}))"


def _is_rejected() -> str:
    """A breaker, bulkhead or limiter refused the call: by an error's type or message, by HTTP 429, or by a mark."""
    refusals, messages = f"[{_list(semconv.REFUSAL_ERRORS)}]", f"[{_list(semconv.REFUSAL_MESSAGES)}]"
    by_type = f"multiSearchAny(e['exception.type'], {refusals})"
    by_message = f"multiSearchAny(e['exception.message'], {messages})"
    by_event = f"arrayExists(e -> {by_type} OR {by_message}, `Events.Attributes`)"
    by_error = (
        f"multiSearchAny({_text('error_type')}, {refusals}) OR multiSearchAny(StatusMessage, {messages}) OR {by_event}"
    )
    by_status = f"{_text('http_status')} = '{semconv.TOO_MANY_REQUESTS}'"
    by_mark = f"multiSearchAny({_text('refusal_mark')}, [{_list(semconv.REFUSAL_MARK_VALUES)}])"
    return f"({by_status} OR {by_mark} OR if(StatusCode = 'Error', {by_error}, false))"
