"""The rules, row by row: the facts under which each applies, and facts that just miss it."""

from pathlib import Path

import pytest

from collector.conventions.health_evidence import InstanceFacts, Red, Said, ServiceFacts
from collector.conventions.health_rules import INSTANCE_RULES, SERVICE_RULES, judge_instance, judge_service


def said(status: str = "healthy", kind: str = "overall", source: str = "push", **more: object) -> Said:
    facts = {"raw_status": status.upper(), "age_s": 4.0, "is_expired": False, **more}
    return Said(status, kind=kind, source=source, **facts)  # type: ignore[arg-type]


def heard(*reports: Said, silent_s: float | None = None) -> InstanceFacts:
    return InstanceFacts(reports, silent_s)


INSTANCES = [
    ("maintenance", heard(said("unhealthy", raw_status="OUT_OF_SERVICE", is_maintenance=True)), "unhealthy"),
    ("liveness_failed", heard(said(), said("unhealthy", "liveness")), "unhealthy"),
    ("readiness_failed", heard(said(), said("unhealthy", "readiness")), "unhealthy"),
    ("readiness_failed", heard(said("unhealthy", "startup")), "unhealthy"),
    ("reports_unhealthy", heard(said("unhealthy")), "unhealthy"),
    ("reports_unhealthy", heard(said("unhealthy", source="pull"), said("healthy")), "unhealthy"),
    ("reports_healthy", heard(said("healthy", source="pull"), said("unhealthy")), "healthy"),
    ("reports_degraded", heard(said("degraded")), "degraded"),
    ("check_failed", heard(said(failed_checks=("db",))), "degraded"),
    ("report_expired", heard(said("unhealthy", is_expired=True, age_s=95.0)), "unknown"),
    ("silent", heard(silent_s=181.0), "unknown"),
    ("reports_unknown", heard(said("unknown")), "unknown"),
    ("reports_healthy", heard(said()), "healthy"),
    ("alive", heard(silent_s=179.0), "healthy"),
    ("alive", heard(said("unhealthy", is_expired=True), silent_s=1.0), "healthy"),
]


@pytest.mark.parametrize(("rule", "facts", "status"), INSTANCES)
def test_a_rule_of_instances(rule: str, facts: InstanceFacts, status: str) -> None:
    judged, reasons = judge_instance("a b", facts)
    assert judged == status
    assert reasons[0].rule == rule
    assert reasons[0].text.endswith(".")


CALM = Red(100, 1, 0, 10.0, 1000, 10, 10.0)
SERVICES = [
    ("all_instances_unhealthy", ServiceFacts(("unhealthy", "unhealthy")), "unhealthy"),
    ("some_instances_unhealthy", ServiceFacts(("unhealthy", "healthy")), "degraded"),
    ("some_instances_degraded", ServiceFacts(("degraded", "healthy")), "degraded"),
    ("mostly_errors", ServiceFacts(("healthy",), red=Red(20, 11)), "unhealthy"),
    ("healthy_but_mostly_errors", ServiceFacts(("healthy",), red=Red(20, 11), says_healthy=True), "degraded"),
    ("more_errors_than_usual", ServiceFacts(("healthy",), red=Red(100, 10, 0, 10.0, 1000, 33, 10.0)), "degraded"),
    ("more_errors_than_usual", ServiceFacts(red=Red(100, 10)), "degraded"),
    ("slower_than_usual", ServiceFacts(red=Red(20, 0, 0, 91.0, 20, 0, 30.0)), "degraded"),
    ("breaker_open", ServiceFacts(("healthy",), red=CALM, open_breakers=("pay is open",)), "degraded"),
    ("refused_by_callers", ServiceFacts(("healthy",), red=CALM, refused_by=("orders",)), "degraded"),
    ("in_maintenance", ServiceFacts(in_maintenance=2), "unhealthy"),
    ("instances_healthy", ServiceFacts(("healthy", "unknown")), "healthy"),
    ("calls_succeed", ServiceFacts(red=CALM), "healthy"),
    ("nothing_known", ServiceFacts(("unknown",)), "unknown"),
]


@pytest.mark.parametrize(("rule", "facts", "status"), SERVICES)
def test_a_rule_of_services(rule: str, facts: ServiceFacts, status: str) -> None:
    judged, reasons = judge_service("a b", facts)
    assert judged == status
    assert reasons[0].rule == rule
    assert reasons[0].text.endswith(".")
    assert "a%20b" in reasons[0].link


@pytest.mark.parametrize(
    ("red", "words"),
    [
        (Red(400, 48), "12 % of its 400 calls of the last minutes failed."),
        (Red(1, 0), "Its only call of the last minutes did not fail."),
    ],
)
def test_a_single_call_is_no_share(red: Red, words: str) -> None:
    _, reasons = judge_service("shop", ServiceFacts(red=red))
    assert words in [reason.text for reason in reasons]


@pytest.mark.parametrize(
    ("rule", "red"),
    [
        ("too few calls", Red(19, 19)),
        ("few errors", Red(100, 9)),
        ("as many errors as usual", Red(100, 10, 0, 10.0, 1000, 34, 10.0)),
        ("slower by little", Red(100, 0, 0, 52.0, 100, 0, 10.0)),
        ("slower by less than three times", Red(100, 0, 0, 299.0, 100, 0, 100.0)),
        ("too few calls to know what is usual", Red(100, 0, 0, 900.0, 19, 0, 10.0)),
    ],
)
def test_what_just_misses_a_rule_does_not_alarm(rule: str, red: Red) -> None:
    assert judge_service("a", ServiceFacts(("healthy",), red=red))[0] == "healthy", rule


def test_every_rule_has_a_row_here_and_in_the_documentation() -> None:
    text = (Path(__file__).parents[2] / "docs" / "health-rules.md").read_text()
    for rules, rows in ((INSTANCE_RULES, INSTANCES), (SERVICE_RULES, SERVICES)):
        assert {rule.id for rule in rules} == {rule for rule, _, _ in rows}
        for rule in rules:
            assert f"| `{rule.id}` | {rule.status} |" in text
