"""Converters: one module per format, each with a pure `parse` that yields `ExportTraceServiceRequest` and does no I/O.

`otlp_protobuf.parse` takes bytes, `otlp_yaml.parse` text, the others the decoded JSON document. Every converter
raises `MalformedTelemetry`, with the path of the field, at the first thing it cannot understand; what it yielded
before that is good.
"""
