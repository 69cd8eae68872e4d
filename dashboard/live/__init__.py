"""Live pages: one WebSocket per tab, over which only differences are sent."""
