"""Cursors of pages: where the next page begins, as text without meaning to the client."""

import base64
import binascii


def encoded(*parts: object) -> str:
    """The parts, none of which has a colon in it, as a cursor."""
    return base64.urlsafe_b64encode(":".join(map(str, parts)).encode()).decode().rstrip("=")


def decoded(cursor: str) -> str:
    """The parts with colons between them; '' for what is no cursor. The client may have changed them."""
    try:
        return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (ValueError, binascii.Error):
        return ""
