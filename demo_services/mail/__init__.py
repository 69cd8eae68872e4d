"""A mail server that keeps what it gets in a folder and delivers nothing."""
