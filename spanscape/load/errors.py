"""What can go wrong while loading, beside what is wrong with the telemetry itself (collector/formats/errors.py)."""


class CollectorUnavailable(Exception):
    """The collector could not be reached, or kept asking to wait for as long as retrying is allowed: the load ends."""
