"""OTLP written as YAML, as collector tests keep it: the same document as OTLP JSON. Needs PyYAML."""

import importlib
import re
from collections.abc import Iterator
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.formats import otlp_json
from collector.formats.errors import MalformedTelemetry

_STARTS_OTLP = re.compile(rb"^(- )?\s*(result|resourceSpans|resource_spans):", re.MULTILINE)


def looks_like(head: bytes) -> bool:
    return _STARTS_OTLP.search(head) is not None


def parse(text: str) -> Iterator[ExportTraceServiceRequest]:
    """Several documents in one file, separated by `---`, follow one another."""
    try:
        yaml: Any = importlib.import_module("yaml")
    except ImportError:
        raise MalformedTelemetry("", "reading YAML needs PyYAML, which is not installed: pip install pyyaml") from None
    try:
        documents = list(yaml.load_all(text, Loader=_loader(yaml)))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1} column {mark.column + 1}" if mark else ""
        raise MalformedTelemetry(place, str(error.problem or error.context)) from None
    except yaml.YAMLError as error:
        raise MalformedTelemetry("", str(error)) from None
    for document in documents:
        if document is not None:
            yield from otlp_json.parse(document)


def _loader(yaml: Any) -> Any:
    """A safe loader that leaves numbers as text: an id may be digits only, and OTLP JSON takes numbers as text too."""
    loader: Any = type("OtlpLoader", (yaml.SafeLoader,), {"yaml_implicit_resolvers": {}})
    booleans = re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$")
    loader.add_implicit_resolver("tag:yaml.org,2002:bool", booleans, "tTfF")
    loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
    return loader
