"""The demo shop: services that call one another, fail in realistic ways, report through OpenTelemetry, and shoppers."""
