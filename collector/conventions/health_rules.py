"""Why a service is healthy or not: the rules, in a table. docs/health-rules.md explains each; a test holds each row.

A rule looks at the facts of one instance or of the whole service and, where it applies, gives a status and a sentence. The
status is the worst that a rule gives; `unknown` only counts when no rule says more. What is planned does not alarm.
"""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from collector.conventions.counting import counted
from collector.conventions.health_evidence import InstanceFacts, Red, Said, ServiceFacts

MOSTLY_ERRORS = 0.5
MANY_ERRORS = 0.1
WORSE_THAN_USUAL = 3.0  # times the baseline
SLOWER_BY_MS = 50.0
ENOUGH_CALLS = 20  # in the window; below, a share says nothing
SILENT_S = 180.0


_HISTORY = "/api/v1/health/history?service={service}"
"""In links, `{service}` stands for the service's name."""


@dataclass(frozen=True, slots=True)
class Reason:
    rule: str
    status: str
    text: str
    value: float | None = None
    link: str = ""


@dataclass(frozen=True)
class InstanceRule:
    id: str
    status: str
    find: Callable[[InstanceFacts], str]
    """The sentence where the rule applies, else ''."""
    value: Callable[[InstanceFacts], float | None] = lambda facts: min(
        (one.age_s for one in facts.fresh()), default=None
    )
    """How old the newest report in force is, in seconds."""


@dataclass(frozen=True)
class ServiceRule:
    id: str
    status: str
    find: Callable[[ServiceFacts], str]
    value: Callable[[ServiceFacts], float | None] = lambda facts: None
    link: str = _HISTORY


def _says(facts: InstanceFacts, status: str, *kinds: str) -> str:
    best: dict[str, Said] = {}
    for one in facts.fresh(*kinds):
        best.setdefault(one.kind, one)
    found = [one for one in best.values() if one.status == status and not one.is_maintenance]
    return " ".join(_sentence(one) for one in found)


def _sentence(one: Said) -> str:
    what = {"overall": "health"}.get(one.kind, one.kind)
    how = {
        "push": "It reports",
        "pull": "Asked, it answers",
        "otlp": "Its metrics say",
        "registry": "The registry says",
    }.get(one.source, "It says")
    checks = f" ({', '.join(one.failed_checks[:5])})" if one.failed_checks else ""
    output = f": {one.output[:200]}" if one.output else ""
    return f"{how} {what} {one.raw_status or one.status}{checks}{output}."


def _failed_check(facts: InstanceFacts) -> str:
    found = next((one for one in facts.fresh("overall") if one.status == "healthy" and one.failed_checks), None)
    return f"It is well, but a check is not: {', '.join(found.failed_checks[:5])}." if found else ""


def _expired(facts: InstanceFacts) -> str:
    one = next((one for one in facts.said if one.is_expired), None)
    if one is None or facts.fresh():
        return ""
    return f"It last said {one.raw_status or one.status} {one.age_s:.0f} s ago and nothing since."


def _silent(facts: InstanceFacts) -> str:
    if facts.silent_s is None or facts.silent_s <= SILENT_S or facts.fresh():
        return ""
    return f"It has sent no telemetry for {facts.silent_s:.0f} s."


def _alive(facts: InstanceFacts) -> str:
    if facts.silent_s is None or facts.silent_s > SILENT_S or facts.fresh():
        return ""
    return f"It sent telemetry {max(facts.silent_s, 0):.0f} s ago; it reports no health."


def _maintenance(facts: InstanceFacts) -> str:
    one = next((one for one in facts.fresh() if one.is_maintenance), None)
    return f"It is taken out of service on purpose ({one.raw_status})." if one else ""


INSTANCE_RULES = (
    InstanceRule("maintenance", "unhealthy", _maintenance),
    InstanceRule("liveness_failed", "unhealthy", lambda facts: _says(facts, "unhealthy", "liveness")),
    InstanceRule("readiness_failed", "unhealthy", lambda facts: _says(facts, "unhealthy", "readiness", "startup")),
    InstanceRule("reports_unhealthy", "unhealthy", lambda facts: _says(facts, "unhealthy", "overall")),
    InstanceRule("reports_degraded", "degraded", lambda facts: _says(facts, "degraded")),
    InstanceRule("check_failed", "degraded", _failed_check),
    InstanceRule("report_expired", "unknown", _expired, lambda facts: facts.said[0].age_s if facts.said else None),
    InstanceRule("silent", "unknown", _silent, lambda facts: facts.silent_s),
    InstanceRule("reports_unknown", "unknown", lambda facts: _says(facts, "unknown")),
    InstanceRule("reports_healthy", "healthy", lambda facts: _says(facts, "healthy")),
    InstanceRule("alive", "healthy", _alive, lambda facts: facts.silent_s),
)


def _percent(share: float) -> str:
    return f"{share * 100:.3g} %"


def _errors_text(red: Red) -> str:
    usual = f", usually {_percent(red.usual_share)}" if red.usual_calls >= ENOUGH_CALLS else ""
    if red.calls == 1:
        return "Its only call of the last minutes did not fail."  # of a failed one no rule tells: it is too few
    return f"{_percent(red.error_share)} of its {red.calls:,} calls of the last minutes failed{usual}."


def _is_mostly_errors(red: Red) -> bool:
    return red.calls >= ENOUGH_CALLS and red.error_share > MOSTLY_ERRORS


def _has_more_errors(red: Red) -> bool:
    usual = WORSE_THAN_USUAL * red.usual_share if red.usual_calls >= ENOUGH_CALLS else 0.0
    return red.calls >= ENOUGH_CALLS and red.error_share >= max(MANY_ERRORS, usual) and not _is_mostly_errors(red)


def _is_slower(red: Red) -> bool:
    if red.p95_ms is None or red.usual_p95_ms is None or min(red.calls, red.usual_calls) < ENOUGH_CALLS:
        return False
    return red.p95_ms > WORSE_THAN_USUAL * red.usual_p95_ms and red.p95_ms > red.usual_p95_ms + SLOWER_BY_MS


def _instances(facts: ServiceFacts, status: str) -> str:
    count, all_of_them = facts.instances.count(status), len(facts.instances)
    return f"{count} of {counted(all_of_them, 'instance')} {'is' if count == 1 else 'are'} {status}."


def _all_unhealthy(facts: ServiceFacts) -> bool:
    return bool(facts.instances) and set(facts.instances) == {"unhealthy"}


SERVICE_RULES = (
    ServiceRule(
        "all_instances_unhealthy",
        "unhealthy",
        lambda facts: _instances(facts, "unhealthy") if _all_unhealthy(facts) else "",
        lambda facts: float(len(facts.instances)),
    ),
    ServiceRule(
        "some_instances_unhealthy",
        "degraded",
        lambda facts: (
            _instances(facts, "unhealthy") if "unhealthy" in facts.instances and not _all_unhealthy(facts) else ""
        ),
        lambda facts: float(facts.instances.count("unhealthy")),
    ),
    ServiceRule(
        "some_instances_degraded",
        "degraded",
        lambda facts: _instances(facts, "degraded") if "degraded" in facts.instances else "",
        lambda facts: float(facts.instances.count("degraded")),
    ),
    ServiceRule(
        "mostly_errors",
        "unhealthy",
        lambda facts: _errors_text(facts.red) if _is_mostly_errors(facts.red) and not facts.says_healthy else "",
        lambda facts: facts.red.error_share,
        "/api/v1/traces?service={service}&status=error",
    ),
    ServiceRule(
        "healthy_but_mostly_errors",
        "degraded",
        lambda facts: (
            f"It says that it is healthy, but {_errors_text(facts.red)}"
            if _is_mostly_errors(facts.red) and facts.says_healthy
            else ""
        ),
        lambda facts: facts.red.error_share,
        "/api/v1/traces?service={service}&status=error",
    ),
    ServiceRule(
        "more_errors_than_usual",
        "degraded",
        lambda facts: _errors_text(facts.red) if _has_more_errors(facts.red) else "",
        lambda facts: facts.red.error_share,
        "/api/v1/traces?service={service}&status=error",
    ),
    ServiceRule(
        "slower_than_usual",
        "degraded",
        lambda facts: (
            f"95 % of its calls took up to {facts.red.p95_ms:.4g} ms, usually {facts.red.usual_p95_ms:.4g} ms."
            if _is_slower(facts.red)
            else ""
        ),
        lambda facts: facts.red.p95_ms,
        "/api/v1/services/{service}/timeseries",
    ),
    ServiceRule(
        "breaker_open",
        "degraded",
        lambda facts: f"It refuses calls: {', '.join(facts.open_breakers[:5])}." if facts.open_breakers else "",
        lambda facts: float(len(facts.open_breakers)),
        "/api/v1/breakers/transitions?service={service}",
    ),
    ServiceRule(
        "refused_by_callers",
        "degraded",
        lambda facts: (
            f"Calls to it are refused by breakers of {', '.join(facts.refused_by[:5])}." if facts.refused_by else ""
        ),
        lambda facts: float(len(facts.refused_by)),
        "/api/v1/breakers?target={service}",
    ),
    ServiceRule(
        "in_maintenance",
        "unhealthy",
        lambda facts: (
            "All of its instances are taken out of service on purpose."
            if facts.in_maintenance and not facts.instances
            else ""
        ),
        lambda facts: float(facts.in_maintenance),
    ),
    ServiceRule(
        "instances_healthy",
        "healthy",
        lambda facts: _instances(facts, "healthy") if "healthy" in facts.instances else "",
        lambda facts: float(facts.instances.count("healthy")),
    ),
    ServiceRule(
        "calls_succeed",
        "healthy",
        lambda facts: _errors_text(facts.red) if facts.red.calls > 0 and facts.red.error_share < MANY_ERRORS else "",
        lambda facts: facts.red.error_share,
        "/api/v1/traces?service={service}",
    ),
    ServiceRule(
        "nothing_known",
        "unknown",
        lambda facts: (
            ""
            if {"healthy", "degraded", "unhealthy"} & set(facts.instances) or facts.red.calls
            else "Nothing was heard of it."
        ),
    ),
)

_SEVERITY = ("unhealthy", "degraded", "healthy")


def judge_instance(service: str, facts: InstanceFacts) -> tuple[str, list[Reason]]:
    """The status and the reasons, those that decide first."""
    reasons = [
        Reason(rule.id, rule.status, text, rule.value(facts), _link(_HISTORY, service))
        for rule in INSTANCE_RULES
        if (text := rule.find(facts))
    ]
    return _judged(reasons)


def judge_service(service: str, facts: ServiceFacts) -> tuple[str, list[Reason]]:
    reasons = [
        Reason(rule.id, rule.status, text, rule.value(facts), _link(rule.link, service))
        for rule in SERVICE_RULES
        if (text := rule.find(facts))
    ]
    return _judged(reasons)


def _link(link: str, service: str) -> str:
    return link.replace("{service}", quote(service, safe=""))


def _judged(reasons: list[Reason]) -> tuple[str, list[Reason]]:
    given = {reason.status for reason in reasons}
    status = next((one for one in _SEVERITY if one in given), "unknown")
    return status, sorted(reasons, key=lambda reason: reason.status != status)
