"""What every service of the shop shares: settings, telemetry, calls between services, errors, serving."""
