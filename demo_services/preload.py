"""Imports what every service needs, once, in the process that all of them are forked from: they share its memory and start
in a moment. Importing does nothing else, and starts no thread.
"""

import gc
import importlib

from demo_services.services import SERVICES

_LIBRARIES = (
    "fakeredis",
    "opentelemetry.exporter.otlp.proto.http._log_exporter",
    "opentelemetry.exporter.otlp.proto.http.metric_exporter",
    "opentelemetry.exporter.otlp.proto.http.trace_exporter",
    "sqlalchemy.dialects.sqlite",
    "uvicorn.lifespan.on",
    "uvicorn.loops.auto",
    "uvicorn.protocols.http.auto",
    "demo_services.traffic",
)

for _name in (*_LIBRARIES, *(service.module for service in SERVICES.values())):
    importlib.import_module(_name)
gc.collect()
gc.freeze()  # what is here stays, and collections in the children do not touch it
