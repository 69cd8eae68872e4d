"""Hears what happens in the shop and writes to its people."""
