"""The OTLP messages once more, with attribute values left as bytes.

Two things need this. Values may nest deeper than the C parser follows, and a value must be read alone to be brought
into the one form that the store takes (`values.py`). A message field and a bytes field look the same on the wire, so
the classes are made from OTLP's own descriptors by changing the type of the fields that hold values.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from google.protobuf import descriptor_pb2, message_factory
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message

from collector.model import Signal
from collector.receivers.signals import PROTOCOLS

STORED_VALUE_FIELD_NUMBER = 15

_PACKAGE = ".opentelemetry.proto.common.v1."
_LEFT_AS_BYTES = {f"{_PACKAGE}AnyValue", f"{_PACKAGE}ArrayValue", f"{_PACKAGE}KeyValueList"}


@cache
def loose_requests() -> Mapping[Signal, type[Message]]:
    """The request message of each signal; every field that holds an AnyValue is bytes."""
    return {signal: _message_type(protocol.request.DESCRIPTOR.full_name) for signal, protocol in PROTOCOLS.items()}


@cache
def loose_type(name: str) -> type[Any]:
    """AnyValue, ArrayValue or KeyValueList. AnyValue has one field more: `stored_json`, number 15."""
    return _message_type(f"{_PACKAGE[1:]}{name}")


def _message_type(full_name: str) -> type[Message]:
    return message_factory.GetMessageClass(_pool().FindMessageTypeByName(full_name))


@cache
def _pool() -> DescriptorPool:
    pool = DescriptorPool()
    added: set[str] = set()
    for protocol in PROTOCOLS.values():
        _add_file(pool, protocol.request.DESCRIPTOR.file, added)
    return pool


def _add_file(pool: DescriptorPool, file: Any, added: set[str]) -> None:
    if file.name in added:
        return
    added.add(file.name)
    for dependency in file.dependencies:
        _add_file(pool, dependency, added)
    loosened = descriptor_pb2.FileDescriptorProto.FromString(file.serialized_pb)
    for message in loosened.message_type:
        _loosen(message)
    pool.AddSerializedFile(loosened.SerializeToString())


def _loosen(message: DescriptorProto) -> None:
    for nested in message.nested_type:
        _loosen(nested)
    for field in message.field:
        if field.type_name in _LEFT_AS_BYTES:
            field.type = FieldDescriptorProto.TYPE_BYTES
            field.ClearField("type_name")
    if message.name == "AnyValue":
        message.field.add(
            name="stored_json",
            number=STORED_VALUE_FIELD_NUMBER,
            type=FieldDescriptorProto.TYPE_STRING,
            label=FieldDescriptorProto.LABEL_OPTIONAL,
            oneof_index=0,
        )
