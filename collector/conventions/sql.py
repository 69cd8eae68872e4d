"""The conventions as SQL expressions over a span's attributes, for the store's schema. Only words of our own go in.

A span's attribute names are turned into small numbers once (`concepts`, an array beside the map's keys, computed on the
dictionary of names); every look-up is then a search in a few bytes. Looking names up in the map itself, one by one,
cost 6 µs a span, more than everything else together.
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
}
_NUMBERS = {concept: number for number, concept in enumerate(_CONCEPTS, 1)}


def words(attributes: str = "SpanAttributes") -> dict[str, str]:
    """What the schema takes from the conventions, as expressions: `concepts` first, the others use its result."""
    return {"concepts": _concepts(attributes), "peer_kind": _peer_kind(), "peer": _peer(), "is_rejected": _is_rejected()}


def _concepts(attributes: str) -> str:
    pairs = [(name, _NUMBERS[concept]) for concept, names in _CONCEPTS.items() for name in names]
    names = ", ".join(f"'{name}'" for name, _ in pairs)
    numbers = ", ".join(str(number) for _, number in pairs)
    return f"arrayMap(name -> transform(name, [{names}], [{numbers}], 0)::UInt8, {attributes}.keys)"


def _value(concept: str) -> str:
    return f"SpanAttributes.values[indexOf(concepts, {_NUMBERS[concept]})]"


def _has(concept: str) -> str:
    return f"has(concepts, {_NUMBERS[concept]})"


def _list(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def _peer_kind() -> str:
    """database, broker_out, broker_in, external or none. Only client, producer and consumer spans have a peer."""
    receives = f"(SpanKind = 'Consumer' OR {_value('operation')} IN ({_list(semconv.MESSAGING_RECEIVE)}))"
    known = " OR ".join(_has(concept) for concept in ("peer_service", "address", "url", "rpc_service"))
    return f"""multiIf(
        SpanKind NOT IN ('Client', 'Producer', 'Consumer'), 'none',
        {_has("messaging_system")}, if({receives}, 'broker_in', 'broker_out'),
        SpanKind = 'Consumer', 'none',
        {_has("db_system")}, 'database',
        {known}, 'external',
        'none')"""


def _peer() -> str:
    """`system/destination` of a broker, `system/namespace@address` of a database, the name of another peer.

    Another peer is named by its service, else its address and port, else the host of the URL, else the RPC service.
    """
    port = f"if({_value('port')} = '' OR position({_value('address')}, ':') > 0, '', concat(':', {_value('port')}))"
    address = f"if({_has('address')}, concat({_value('address')}, {port}), '')"
    at_address = f"if({_has('address')}, concat('@', {address}), '')"
    namespace = f"if({_value('db_namespace')} = '', '', concat('/', {_value('db_namespace')}))"
    destination = f"if({_value('destination')} = '', '', concat('/', {_value('destination')}))"
    return f"""multiIf(
        PeerKind = 'none', '',
        PeerKind = 'external', multiIf({_has("peer_service")}, {_value("peer_service")}, {_has("address")}, {address},
                                       {_has("url")}, netloc({_value("url")}), {_value("rpc_service")}),
        PeerKind = 'database', concat({_value("db_system")}, {namespace}, {at_address}),
        concat({_value("messaging_system")}, {destination}))::LowCardinality(String)"""


def _is_rejected() -> str:
    """A breaker, bulkhead or limiter refused the call: by exception type on an error, or by HTTP 429."""
    refused = f"multiSearchAny({{}}, [{_list(semconv.REFUSAL_ERRORS)}])"
    in_event = refused.format("e['exception.type']")
    by_event = f"arrayExists(e -> {in_event}, `Events.Attributes`)"
    by_error = f"({refused.format(_value('error_type'))} OR {by_event})"
    return f"({_value('http_status')} = '{semconv.TOO_MANY_REQUESTS}' OR if(StatusCode = 'Error', {by_error}, false))"
