"""The shop's public door."""
