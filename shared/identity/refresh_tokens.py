"""Refresh tokens: random, stored hashed, replaced at each use (RFC 9700 4.14.2).

Several tabs of one browser refresh at the same moment with the same token. The first replaces it; the
others, within `GRACE`, are handed the same successor. It is kept for them encrypted under the token that
it replaced, so whoever cannot show that token learns nothing from the database. Used later than that, a
replaced token means that two hold it, one of them a thief: the session ends.
"""

import hashlib
import hmac
import re
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.identity.interfaces import BadToken
from shared.identity.records import Refresh

GRACE = 20.0
"""Seconds after its replacement during which a token still leads to its successor."""

SEPARATOR = "~"
"""Stands between the access and the refresh token in the one cookie that is forwarded."""

_SHAPE = re.compile(r"([A-Za-z0-9_-]{16,64})\.([A-Za-z0-9_-]{43})")
_NONCE_BYTES = 12


def new_secret() -> str:
    """256 random bits, in 43 characters."""
    return secrets.token_urlsafe(32)


def token_of(session_id: str, secret: str) -> str:
    """The token as a client holds it."""
    return f"{session_id}.{secret}"


def parts_of(token: str) -> tuple[str, str]:
    """Session id and secret. Raises BadToken for what cannot be a refresh token."""
    found = _SHAPE.fullmatch(token)
    if found is None:
        raise BadToken("not a refresh token")
    return found[1], found[2]


def first(secret: str) -> Refresh:
    """The state of a session whose token was never replaced."""
    return Refresh(current=_digest(secret))


def replaced(secret: str, by: str, now: float) -> Refresh:
    """The state after the token `secret` was replaced `by` another."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    box = nonce + AESGCM(_key(secret)).encrypt(nonce, by.encode(), None)
    return Refresh(current=_digest(by), previous=_digest(secret), successor=box, replaced_at=now)


def is_current(state: Refresh, secret: str) -> bool:
    """Whether `secret` is the token that may be used next."""
    return hmac.compare_digest(state.current, _digest(secret))


def successor(state: Refresh, secret: str, now: float) -> str | None:
    """What `secret` was replaced by, while the grace lasts; None otherwise."""
    replaced_lately = state.previous and now < state.replaced_at + GRACE
    if not replaced_lately or not hmac.compare_digest(state.previous, _digest(secret)):
        return None
    try:
        nonce, box = state.successor[:_NONCE_BYTES], state.successor[_NONCE_BYTES:]
        return AESGCM(_key(secret)).decrypt(nonce, box, None).decode()
    except (InvalidTag, ValueError):
        return None


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _key(secret: str) -> bytes:
    """A key that only the holder of `secret` can make; its hash, which is stored, does not lead to it."""
    return hmac.new(secret.encode(), b"successor", hashlib.sha256).digest()
