"""The people who shop: their accounts and passwords."""
