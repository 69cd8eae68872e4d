"""The demo shop: three small services that call one another and report through OpenTelemetry, and their shoppers."""
