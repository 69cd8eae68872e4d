"""The products and their prices: read often, changed rarely, cached."""
