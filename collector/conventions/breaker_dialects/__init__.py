"""Every dialect in which breakers are known to speak, one entry each. See `breakers.py` for what the fields mean.

`reference` names the source of each entry's names; each has a fixture in tests/breakers and an expected result.
"""

from collector.conventions.breaker_dialects import jvm, languages, proxies
from collector.conventions.breakers import Dialect, Fact, Metric

DIALECTS = (
    languages.SPANSCAPE,
    jvm.RESILIENCE4J,
    jvm.RESILIENCE4J_NUMERIC,
    jvm.MICROPROFILE,
    jvm.MICROPROFILE_2,
    languages.POLLY,
    languages.POLLY_PIPELINE,
    languages.OPOSSUM,
    jvm.FAILSAFE,
    proxies.ENVOY_LIMIT,
    proxies.ENVOY_OVERFLOW,
    proxies.ENVOY_EJECTION,
    proxies.ENVOY_CUT_OFF,
    proxies.DAPR,
    proxies.LINKERD,
    jvm.HYSTRIX,
    jvm.AKKA,
    languages.GOBREAKER,
    languages.FAILSAFE_GO,
    languages.PYTHON,
    languages.PURGATORY,
    jvm.ARMERIA,
    jvm.OJP,
)
"""In the order in which they are tried."""

UNRECOGNISED = Dialect(
    "unrecognised",
    "a numeric gauge of an emitter that no table entry knows: its numbers mean nothing until a mapping is configured",
    name=("circuit_breaker.name", "name", "circuit", "breaker"),
    metrics=(Metric(r".*circuit_?breaker.*state", Fact.PRESENCE),),
)
"""Tried last, on what no dialect recognises."""
