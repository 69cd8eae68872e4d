"""Knows what is on the shelves and reserves it."""
