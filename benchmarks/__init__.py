"""Measured claims: `python -m benchmarks NAME` prints a table of figures beside their targets."""
