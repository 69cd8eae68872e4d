"""Components: data in, Dash components out. No I/O here."""
