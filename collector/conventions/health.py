"""Health reports: the formats in which they come, one table entry each, and the form in which they are kept.

`normalise` applies an entry; it knows no format. A new format is a new entry with a fixture and a test. Statuses are compared
without regard to case.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

STATUSES = ("healthy", "degraded", "unhealthy", "unknown")
KINDS = ("overall", "liveness", "readiness", "startup")
MOST_CHECKS = 200
MOST_TEXT = 2000

Json = Any


@dataclass(frozen=True)
class HealthFormat:
    name: str
    reference: str
    statuses: Mapping[str, str]
    """What the format's words (or numbers) mean."""
    requires: Mapping[str, str] = field(default_factory=dict)
    """By key of the body, the JSON type that it must have for the format to be detected; key '' is the body itself."""
    media_types: tuple[str, ...] = ()
    """Content types that say that it is this format."""
    status: tuple[str, ...] = ("status",)
    """Where the status is: keys, outermost first. Empty: the worst of the checks."""
    kind: str = ""
    """The key that says which probe it was."""
    others: str = "unknown"
    """What words mean that are not listed."""
    detects_others: bool = False
    """Whether a word that is not listed may still be this format."""
    maintenance: tuple[str, ...] = ()
    """Words that say that it is planned."""
    checks: tuple[str, ...] = ()
    """Keys that may hold the checks; '' is the body itself."""
    names: tuple[str, ...] = ("name",)
    check_status: tuple[str, ...] = ("status",)
    details: tuple[str, ...] = ()
    output: tuple[str, ...] = ()
    duration: str = ""
    duration_unit: str = "ms"
    nested: tuple[str, ...] = ()
    """Keys under which a check holds checks of its own."""


@dataclass(frozen=True, slots=True)
class Report:
    status: str
    raw_status: str
    kind: str
    format: str
    maintenance: bool
    checks: list[dict[str, Json]]
    output: str


_UP_DOWN = {"up": "healthy", "down": "unhealthy", "unknown": "unknown"}
ACTUATOR = HealthFormat(
    "actuator",
    "spring-projects/spring-boot actuator/endpoints.adoc",
    {**_UP_DOWN, "out_of_service": "unhealthy", "circuit_open": "degraded", "circuit_half_open": "degraded"},
    media_types=("application/vnd.spring-boot.actuator.v2+json", "application/vnd.spring-boot.actuator.v3+json"),
    requires={"status": "string"},
    others="degraded",
    maintenance=("out_of_service",),
    checks=("components", "details"),
    details=("details",),
    nested=("components",),
)
MICROPROFILE = HealthFormat(
    "microprofile",
    "eclipse/microprofile-health protocol-wireformat.asciidoc",
    {"up": "healthy", "down": "unhealthy"},
    requires={"status": "string", "checks": "array"},
    checks=("checks",),
    details=("data",),
)
HEALTH_JSON = HealthFormat(
    "health+json",
    "inadarei/rfc-healthcheck draft-06",
    {
        **dict.fromkeys(("pass", "ok", "up"), "healthy"),
        "warn": "degraded",
        **dict.fromkeys(("fail", "error", "down"), "unhealthy"),
    },
    requires={"status": "string"},
    media_types=("application/health+json",),
    checks=("checks",),
    details=("observedValue", "observedUnit", "componentId", "componentType", "affectedEndpoints", "time"),
    output=("output",),
)
ASPNET = HealthFormat(
    "aspnet",
    "Xabaril/AspNetCore.Diagnostics.HealthChecks UIHealthReport.cs",
    {
        **dict.fromkeys(("healthy", "2"), "healthy"),
        **dict.fromkeys(("degraded", "1"), "degraded"),
        **dict.fromkeys(("unhealthy", "0"), "unhealthy"),
    },
    requires={"status": "scalar"},
    checks=("entries",),
    details=("data", "tags"),
    output=("description", "exception"),
    duration="duration",
    duration_unit="timespan",
)
GRPC = HealthFormat(
    "grpc",
    "grpc/grpc doc/health-checking.md",
    {
        **dict.fromkeys(("serving", "1"), "healthy"),
        **dict.fromkeys(("not_serving", "2"), "unhealthy"),
        **dict.fromkeys(("service_unknown", "3", "0", "not_found", "unimplemented"), "unknown"),
    },
    requires={"status": "scalar"},
)
KUBERNETES = HealthFormat(
    "kubernetes",
    "kubernetes/website configure-liveness-readiness-startup-probes.md",
    {**dict.fromkeys(("success", "true"), "healthy"), **dict.fromkeys(("failure", "false"), "unhealthy")},
    requires={"probe": "string", "result": "scalar"},
    status=("result",),
    kind="probe",
    output=("output", "message"),
)
CONSUL = HealthFormat(
    "consul",
    "hashicorp/consul api/health.go",
    {"passing": "healthy", "warning": "degraded", "critical": "unhealthy", "maintenance": "unhealthy"},
    requires={"": "array"},
    status=(),
    maintenance=("maintenance",),
    checks=("",),
    names=("Name", "CheckID"),
    check_status=("Status",),
    details=("CheckID", "ServiceName", "Node"),
    output=("Output",),
)
EUREKA = HealthFormat(
    "eureka",
    "Netflix/eureka InstanceInfo.InstanceStatus",
    {"up": "healthy", "down": "unhealthy", "starting": "unknown", "out_of_service": "unhealthy", "unknown": "unknown"},
    requires={"instance": "object"},
    status=("instance", "status"),
    maintenance=("out_of_service",),
)
HTTPCHECK = HealthFormat(
    "httpcheck",
    "open-telemetry/opentelemetry-collector-contrib receiver/httpcheckreceiver/documentation.md",
    {"2xx": "healthy", "3xx": "healthy", "4xx": "unhealthy", "5xx": "unhealthy", "error": "unhealthy"},
    requires={"http.status_class": "string"},
    status=("http.status_class",),
    output=("error.message",),
)

FORMATS = (KUBERNETES, HTTPCHECK, EUREKA, CONSUL, ASPNET, GRPC, MICROPROFILE, HEALTH_JSON, ACTUATOR)
"""In the order in which they are tried. Words of several formats are told apart by what else the body holds."""
BY_NAME = {one.name: one for one in FORMATS}


def detect(body: Json, media_type: str = "") -> HealthFormat | None:
    """The format of a body: by its content type, else the first whose keys and words fit. None when none does."""
    for one in FORMATS:
        if media_type in one.media_types:
            return one
    fitting = [one for one in FORMATS if _fits(one, body)]
    if not fitting and isinstance(body, dict) and isinstance(body.get("status"), str) and body["status"].strip():
        return ACTUATOR  # the format in which services make up words of their own
    return fitting[0] if fitting else None


def normalise(body: Json, form: HealthFormat, kind: str = "overall") -> Report:
    """A report in the common form. What the body does not say is unknown."""
    checks = _checks(form, body)
    raw = _text(_at(body, form.status)) if form.status else ""
    probe = _text(body.get(form.kind)).lower() if form.kind and isinstance(body, dict) else ""
    if form.status:
        status = _meaning(form, raw)
    else:
        status = worst(check["status"] for check in checks)
        raw = next((check["raw_status"] for check in checks if check["status"] == status), "")
    words = [raw.lower(), *(check["raw_status"].lower() for check in checks if not form.status)]
    maintenance = any(word in form.maintenance for word in words)
    if isinstance(body, str):
        return Report(status, raw, kind, form.name, maintenance, [], "")
    output = _joined(body, form.output) if isinstance(body, dict) else ""
    return Report(status, raw, probe if probe in KINDS else kind, form.name, maintenance, checks[:MOST_CHECKS], output)


def of_http_code(code: int) -> str:
    """What an HTTP status alone says: 401, 403 and 404 are not about the service but about how it was asked."""
    if 200 <= code < 400:
        return "healthy"
    return "unhealthy" if code == 503 else "unknown"


def worst(statuses: Iterable[str]) -> str:
    """The worst of statuses; unknown only when there is nothing else."""
    present = set(statuses)
    return next((one for one in ("unhealthy", "degraded", "healthy") if one in present), "unknown")


_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,), "array": (list,), "object": (dict,), "scalar": (str, int, float, bool),
}  # fmt: skip


def _fits(form: HealthFormat, body: Json) -> bool:
    if isinstance(body, str):  # plain text: the status alone
        return body.strip().lower() in form.statuses and not form.requires.keys() - {"status"}
    for key, kind in form.requires.items():
        value = body if not key else body.get(key) if isinstance(body, dict) else None
        if not isinstance(value, _TYPES[kind]):
            return False
    if not form.status:
        return all(isinstance(one, dict) and _first(one, form.check_status) for one in body)
    return _text(_at(body, form.status)).lower() in form.statuses and _fits_checks(form, body)


def _fits_checks(form: HealthFormat, body: Json) -> bool:
    """`checks` as a list is MicroProfile's, as an object that of health+json."""
    held = body.get("checks") if isinstance(body, dict) else None
    if isinstance(held, list):
        return "checks" in form.requires
    if isinstance(held, dict):
        return form.name == "health+json"
    return form.name != "health+json" or _text(body.get("status")).lower() in ("pass", "ok", "warn", "fail", "error")


def _at(body: Json, keys: tuple[str, ...]) -> Json:
    if isinstance(body, str):
        return body.strip()
    for key in keys:
        body = body.get(key) if isinstance(body, dict) else None
    return body


def _meaning(form: HealthFormat, raw: str) -> str:
    return form.statuses.get(raw.lower(), form.others if raw else "unknown")


def _checks(form: HealthFormat, body: Json) -> list[dict[str, Json]]:
    for key in form.checks:
        held = body if not key else body.get(key) if isinstance(body, dict) else None
        if held:
            return list(_each(form, held, ""))
    return []


def _each(form: HealthFormat, held: Json, prefix: str) -> Iterable[dict[str, Json]]:
    """Checks of a list, an object by name, or an object of lists by name."""
    pairs = held.items() if isinstance(held, dict) else [("", one) for one in held] if isinstance(held, list) else []
    for name, one in pairs:
        for single in one if isinstance(one, list) else [one]:
            if isinstance(single, dict):
                full = "/".join(filter(None, (prefix, name or _text(_first(single, form.names)))))
                yield _check(form, full, single)
                for key in form.nested:
                    yield from _each(form, single.get(key), full)


def _check(form: HealthFormat, name: str, one: Mapping[str, Json]) -> dict[str, Json]:
    raw = _text(_first(one, form.check_status))
    details: dict[str, Json] = {}
    for key in form.details:
        value = one.get(key)
        if isinstance(value, dict):
            details |= value
        elif value not in (None, "", []):
            details[key] = value
    return {
        "name": name[:200],
        "status": _meaning(form, raw),
        "raw_status": raw[:100],
        "details": details,
        "duration_ms": _duration_ms(one.get(form.duration), form.duration_unit) if form.duration else None,
        "output": _joined(one, form.output),
    }


def _first(one: Mapping[str, Json], keys: tuple[str, ...]) -> Json:
    return next((one[key] for key in keys if one.get(key) not in (None, "")), "")


def _text(value: Json) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).strip() if isinstance(value, str | int | float) else ""


def _joined(one: Mapping[str, Json], keys: tuple[str, ...]) -> str:
    return "; ".join(text for key in keys if (text := _text(one.get(key))))[:MOST_TEXT]


def _duration_ms(value: Json, unit: str) -> float | None:
    """.NET writes durations as `[days.]hours:minutes:seconds`."""
    if unit == "timespan" and isinstance(value, str):
        match = re.fullmatch(r"(?:(\d+)\.)?(\d+):(\d+):(\d+(?:\.\d+)?)", value)
        if match is None:
            return None
        days, hours, minutes, seconds = (float(part or 0) for part in match.groups())
        return round((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000, 3)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
