"""Asks services for their health: what to ask is configured by the operator, never by telemetry."""
