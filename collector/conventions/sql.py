"""The conventions as SQL expressions over a span's attributes, for the store's schema. Only words of our own go in.

A span's attribute names are turned into small numbers once (`concepts`, an array beside the map's keys, computed on the
dictionary of names), then each concept's place in it is found (`positions`: columns `at_…`, 0 where it is absent). Looking
names up in the map itself, one by one, cost more than everything else together. The expressions build on each other's
columns, level by level: what is used twice must be a column, or the statement's text explodes.
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
_HOST_OF_URL = "^[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^/?#]*@)?([^/?#]*)"
"""Host and port, without user and password. The engine's own `netloc` keeps those, and parts of some paths."""

_NUMBERS = {concept: number for number, concept in enumerate(_CONCEPTS, 1)}


def words() -> dict[str, str]:
    """What the schema takes from the conventions, in the order in which the levels of a statement need it:

    `concepts` (over `names`, the attributes' keys), `positions` (columns, over `concepts`), `peer_kind` and `is_rejected`
    (over `texts`, the attributes' values, and the positions), `peer` (over all of these), and `working_columns`, which are
    not to be kept.
    """
    at = [f"at_{concept}" for concept in _CONCEPTS]
    return {
        "concepts": _concepts(),
        "positions": ", ".join(f"indexOf(concepts, {number}) AS at_{concept}" for concept, number in _NUMBERS.items()),
        "peer_kind": _peer_kind(),
        "is_rejected": _is_rejected(),
        "peer": _peer(),
        "working_columns": ", ".join(["names", "texts", "concepts", *at]),
    }


def _concepts() -> str:
    pairs = [(name, _NUMBERS[concept]) for concept, names in _CONCEPTS.items() for name in names]
    names = ", ".join(f"'{name}'" for name, _ in pairs)
    numbers = ", ".join(str(number) for _, number in pairs)
    return f"arrayMap(name -> transform(name, [{names}], [{numbers}], 0)::UInt8, names)"


def _list(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def _peer_kind() -> str:
    """database, broker_out, broker_in, external or none. Only client, producer and consumer spans have a peer."""
    return f"""multiIf(
        SpanKind NOT IN ('Client', 'Producer', 'Consumer'), 'none',
        at_messaging_system > 0,
            if(SpanKind = 'Consumer' OR texts[at_operation] IN ({_list(semconv.MESSAGING_RECEIVE)}), 'broker_in', 'broker_out'),
        SpanKind = 'Consumer', 'none',
        at_db_system > 0, 'database',
        at_peer_service + at_address + at_url + at_rpc_service > 0, 'external',
        'none')"""


def _peer() -> str:
    """`system/destination` of a broker, `system/namespace@address` of a database, the name of another peer.

    Another peer is named by its service, else its address and port, else the host of the URL, else the RPC service.
    Element 0 of an array is ''.
    """
    address = "concat(texts[at_address], if(at_port = 0, '', concat(':', texts[at_port])))"
    return f"""toLowCardinality(multiIf(
        PeerKind = 'none', '',
        PeerKind = 'database', concat(texts[at_db_system], if(at_db_namespace = 0, '', concat('/', texts[at_db_namespace])),
                                      if(at_address = 0, '', concat('@', {address}))),
        PeerKind != 'external', concat(texts[at_messaging_system], if(at_destination = 0, '', concat('/', texts[at_destination]))),
        at_peer_service > 0, texts[at_peer_service],
        at_address > 0, {address},
        at_url > 0, extract(texts[at_url], '{_HOST_OF_URL}'),
        texts[at_rpc_service]))"""


def _is_rejected() -> str:
    """A breaker, bulkhead or limiter refused the call: by exception type on an error, or by HTTP 429."""
    refusals = f"[{_list(semconv.REFUSAL_ERRORS)}]"
    by_event = f"arrayExists(e -> multiSearchAny(e['exception.type'], {refusals}), `Events.Attributes`)"
    by_error = f"multiSearchAny(texts[at_error_type], {refusals}) OR {by_event}"
    return f"(texts[at_http_status] = '{semconv.TOO_MANY_REQUESTS}' OR if(StatusCode = 'Error', {by_error}, false))"
