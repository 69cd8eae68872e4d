"""The OpenAPI document: whole, and true of what the API answers (each answer is held against its model in ask())."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from pydantic import TypeAdapter, ValidationError
from running_collector import RunningCollector

from collector.api import (
    breaker_models,
    breaker_story_models,
    doctor_models,
    health_models,
    models,
    search_models,
    service_models,
    trace_models,
    trace_view_models,
    upload_models,
)

JSON_TYPES = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
    "null": type(None),
}


@pytest.fixture(scope="module")
def document(collector: RunningCollector) -> dict[str, Any]:
    answer: dict[str, Any] = requests.get(f"{collector.api}/openapi.json", timeout=60).json()
    return answer


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield f"{method} {path}", operation


def test_the_document_is_openapi_3_1_and_names_every_call(document: dict[str, Any]) -> None:
    assert re.fullmatch(r"3\.1\.\d", document["openapi"])
    assert document["info"].keys() >= {"title", "version", "description"}
    calls = ("services", "services/{name}/operations", "services/{name}/timeseries", "topology", "topology/fallbacks")
    calls += ("topology/timeseries",)
    calls += ("services/{name}/versions", "services/{name}/logs")
    calls += ("traces", "traces/{trace_id}", "traces/{trace_id}/logs", "stream")
    calls += (
        "breakers",
        "breakers/transitions",
        "breakers/lamps",
        "breakers/{id}",
        "breakers/{id}/story",
        "breakers/{id}/timeseries",
        "breakers/{id}/guards",
        "timeseries",
        "events",
    )
    calls += (
        "traces/facets",
        "traces/heatmap",
        "traces/differences",
        "traces/tail",
        "attributes/keys",
        "attributes/{key}/values",
    )
    calls += ("traces/{trace_id}/outline", "traces/{trace_id}/spans/{span_id}")
    calls += tuple(
        f"traces/{{trace_id}}/{view}" for view in ("find", "events", "statistics", "flame", "graph", "compare")
    )
    calls += ("traces/upload", "traces/uploads/{token}", "traces/uploads/{token}/store")
    calls += ("health", "health/history", "health/summary", "health/badge.svg", "health/{service}", "doctor")
    assert set(document["paths"]) == {*(f"/api/v1/{call}" for call in calls), "/healthz", "/metrics"}


def test_every_call_is_described(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, operation in operations(document)]
    assert len(ids) == len(set(ids))
    for name, operation in operations(document):
        assert operation["summary"], name
        assert operation["tags"], name
        in_path = set(re.findall(r"\{(\w+)\}", name))
        assert in_path == {one["name"] for one in operation.get("parameters", []) if one["in"] == "path"}, name


def test_every_parameter_says_what_it_is(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        for parameter in operation.get("parameters", []):
            assert parameter.get("description"), f"{name}: {parameter['name']}"


def test_every_answer_has_an_example_that_fits_its_schema(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        for status, answer in operation["responses"].items():
            assert answer["description"], f"{name} {status}"
            for media_type, content in answer["content"].items():
                examples = [one["value"] for one in content.get("examples", {}).values()] or [content["example"]]
                if media_type != "text/event-stream":
                    assert all(list(misfits(one, content["schema"], document)) == [] for one in examples), (
                        f"{name} {status}"
                    )


def test_errors_are_documented_as_problems(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        if "/api/" in name:
            problems = {status for status in operation["responses"] if status[0] != "2"}
            assert problems >= {"400", "503", "default"}, name
            assert all(
                list(operation["responses"][status]["content"]) == ["application/problem+json"] for status in problems
            )


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    references = set(re.findall(r'"\$ref": "#/components/schemas/(\w+)"', json.dumps(document)))
    assert references == set(document["components"]["schemas"])


def misfits(value: Any, schema: dict[str, Any], document: dict[str, Any], at: str = "") -> Iterator[str]:
    """Where `value` does not fit `schema`, in the part of JSON Schema that the document uses."""
    known = {"$ref", "anyOf", "type", "enum", "const", "properties", "required", "items", "additionalProperties"}
    about = {"title", "description", "examples", "default", "minimum", "maximum", "pattern"}
    assert schema.keys() <= known | about, schema.keys()
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        if all(list(misfits(value, one, document, at)) for one in schema["anyOf"]):
            yield f"{at}: none of the alternatives"
        return
    if "type" in schema and not isinstance(value, JSON_TYPES[schema["type"]]):
        yield f"{at}: not {schema['type']}"
    elif value not in schema.get("enum", [value]) or value != schema.get("const", value):
        yield f"{at}: not one of {schema}"
    elif isinstance(value, list):
        for item in value:
            yield from misfits(item, schema.get("items", {}), document, f"{at}[]")
    elif isinstance(value, dict):
        yield from (f"{at}.{name}: missing" for name in schema.get("required", []) if name not in value)
        for name, inner in schema.get("properties", {}).items():
            if name in value:
                yield from misfits(value[name], inner, document, f"{at}.{name}")


@pytest.mark.parametrize("path", ["services", "topology", "traces"])
def test_an_answer_fits_the_schema_of_the_document(
    collector: RunningCollector, document: dict[str, Any], path: str
) -> None:
    content = document["paths"][f"/api/v1/{path}"]["get"]["responses"]["200"]["content"]["application/json"]
    assert list(misfits(collector.get(f"/{path}"), content["schema"], document)) == []


def test_a_model_tells_a_wrong_answer(collector: RunningCollector) -> None:
    """What ask() relies on: a number is no text, and a kind is one of the listed ones."""
    wrong = [
        {"services": [{**models.example(models.Service), "calls": "1"}]},
        {"services": [{**models.example(models.Service), "health": "fine"}]},
    ]
    for answer in wrong:
        with pytest.raises(ValidationError):
            TypeAdapter(models.Services).validate_python(answer, strict=True)


GUIDE = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
MODELS = {
    "checks": doctor_models.Doctor, "versions": service_models.Versions,
    "services": models.Services, "operations": models.Operations, "points": models.TimeSeries,
    "traces": models.Traces, "spans": models.Trace, "logs": models.Logs, "detail": models.Problem,
    "severity": service_models.ServiceLogs,
    "breakers": breaker_models.Breakers, "lamps": breaker_models.Lamps, "transitions": breaker_models.Transitions,
    "at": health_models.SystemHealth, "changes": health_models.HealthChanges, "counts": health_models.HealthSummary,
    "expires_at": health_models.HealthReport, "events": models.SystemEvents, "opening": breaker_story_models.Story,
    "cut": trace_view_models.Graph, "names": trace_view_models.Flame, "critical_path": trace_models.Outline,
    "evidence": trace_models.SpanDetail, "ids": trace_view_models.Found, "by": trace_view_models.Statistics,
    "paths": trace_view_models.Comparison, "upload": upload_models.Uploaded,
    "facets": search_models.Facets, "cells": search_models.HeatMap,
    "differences": search_models.Differences, "keys": search_models.Keys, "values": search_models.Values,
    "more_traces": models.Topology, "at_ns": trace_view_models.SpanEvents, "matched": search_models.NewTraces,
    "guards": breaker_models.Guards, "counted_by": breaker_models.BreakerSeries, "fallbacks": models.Fallbacks,
}  # fmt: skip


def test_the_guide_names_every_call(document: dict[str, Any]) -> None:
    calls = [name.split(" ") for name, _ in operations(document)]
    assert [path for method, path in calls if f"{method.upper()} {path}" not in GUIDE] == []


def test_the_answers_in_the_guide_have_the_documented_shape() -> None:
    answers = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", GUIDE, re.DOTALL)]
    assert len(answers) == len(MODELS)
    for answer in answers:
        model = next(model for field, model in reversed(MODELS.items()) if field in answer)
        assert model.model_validate(answer, strict=True).model_dump(mode="json", by_alias=True) == answer
