"""How many of something, in words."""


def counted(count: float, one: str, many: str = "") -> str:
    """`1 call`, `1,234 calls`; `many` where it is not `one` with an s."""
    return f"{count:,.12g} {one if count == 1 else many or f'{one}s'}"
