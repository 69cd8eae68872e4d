"""The rules of accounts: what is an address, what is a good password, and how it is kept."""

import hashlib
import hmac
import os
import re
from dataclasses import dataclass

from demo_services.common.errors import BadInput

_ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s]{1,100}")
_SHORTEST_PASSWORD = 8
_COST = {"n": 2**10, "r": 8, "p": 1}  # cheap on purpose: a demo's shoppers sign in often


@dataclass(frozen=True)
class User:
    id: str
    email: str
    name: str


def checked_email(email: str) -> str:
    """In lower case. Raises BadInput."""
    if not _ADDRESS.fullmatch(email):
        raise BadInput(f"email: an address like ada@example.org expected, got {email!r}")
    return email.lower()


def hashed(password: str, salt: bytes | None = None) -> str:
    """Salt and hash, as hex. Raises BadInput for a password that is too short."""
    if len(password) < _SHORTEST_PASSWORD:
        raise BadInput(f"password: at least {_SHORTEST_PASSWORD} characters expected")
    salt = salt or os.urandom(16)
    return f"{salt.hex()}:{hashlib.scrypt(password.encode(), salt=salt, **_COST).hex()}"


def fits(password: str, kept: str) -> bool:
    """Whether that is the password which `hashed` made `kept` of."""
    if len(password) < _SHORTEST_PASSWORD:
        return False
    return hmac.compare_digest(hashed(password, bytes.fromhex(kept.split(":")[0])), kept)
