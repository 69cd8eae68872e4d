"""Stands for the payment provider outside: other people's service, which sends no traces."""
