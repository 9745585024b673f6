"""The keys that Secret Manager holds, read strictly: a placeholder or a short key is refused by name."""

import base64
import binascii
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from shared.identity.interfaces import BadSecret, PublicKey, Secrets, UnknownKey

KEY_ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.:=+-]{0,127}")
"""What a key id may look like: never a path, a URL or a query."""

SEALING_KEY_BYTES = 32
_DISTINCT_BYTES = 16
"""Fewer different bytes than this in 32 random ones happen once in 10^13; in a placeholder, always."""
_SHORTEST_SECRET = 16
_PLACEHOLDERS = ("changeme", "change-me", "changethis", "placeholder", "your-", "todo", "<")
_PUBLISHED_WITHIN = 2.0
"""Seconds: a key that one instance signs with is on every instance's list of public keys this soon."""


@dataclass(frozen=True)
class SigningRing:
    """Keys that sign sessions: the first signs, all verify."""

    keys: tuple[tuple[str, EllipticCurvePrivateKey], ...]

    @property
    def signing(self) -> tuple[str, EllipticCurvePrivateKey]:
        """The id and the key that sign now."""
        return self.keys[0]

    def public(self, kid: str) -> PublicKey:
        """Raises UnknownKey."""
        for known, key in self.keys:
            if known == kid:
                return key.public_key()
        raise UnknownKey

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """The public halves as a JSON Web Key Set (RFC 7517; RFC 7518 6.2 for EC keys)."""
        return {"keys": [_public_jwk(kid, key) for kid, key in self.keys]}


@dataclass(frozen=True)
class SealingRing:
    """Keys that encrypt what is stored: the first seals, all open."""

    keys: tuple[tuple[str, bytes], ...]

    @property
    def sealing(self) -> tuple[str, bytes]:
        """The id and the key that seal now."""
        return self.keys[0]

    def key(self, kid: str) -> bytes:
        """Raises UnknownKey."""
        for known, key in self.keys:
            if known == kid:
                return key
        raise UnknownKey


class SigningKeys:
    """Auth's own signing keys: a KeySource that never leaves the process, and what is published of it."""

    def __init__(self, secrets: Secrets, name: str) -> None:
        self._secrets, self._name = secrets, name

    async def ring(self, max_age: float | None = None) -> SigningRing:
        """The keys now. Raises BadSecret, Unavailable, Timeout."""
        return signing_ring(self._name, await self._secrets.text(self._name, max_age))

    async def key(self, kid: str) -> PublicKey:
        """As KeySource: a key that another instance began to sign with is looked for before it is denied."""
        try:
            return (await self.ring()).public(kid)
        except UnknownKey:
            return (await self.ring(_PUBLISHED_WITHIN)).public(kid)

    async def jwks(self) -> dict[str, list[dict[str, str]]]:
        """What /auth/jwks says; fresh, because a function that asks has met a key it does not know."""
        return (await self.ring(_PUBLISHED_WITHIN)).jwks()


@lru_cache(maxsize=8)
def signing_ring(name: str, text: str) -> SigningRing:
    """Parse {"keys": [{"kid", "private_key": PEM of a P-256 key}]}. Raises BadSecret, naming `name`."""
    return SigningRing(tuple((kid, _private_key(name, entry)) for kid, entry in _entries(name, text)))


@lru_cache(maxsize=8)
def sealing_ring(name: str, text: str) -> SealingRing:
    """Parse {"keys": [{"kid", "key": base64 of 32 random bytes}]}. Raises BadSecret, naming `name`."""
    return SealingRing(tuple((kid, _sealing_key(name, entry)) for kid, entry in _entries(name, text)))


def client_secret(name: str, text: str) -> str:
    """The OAuth client's secret, without surrounding space. Raises BadSecret, naming `name`."""
    value = text.strip()
    if any(mark in value.lower() for mark in _PLACEHOLDERS):
        raise BadSecret(f"The secret {name} is a placeholder; put the OAuth client's secret there.")
    if len(value) < _SHORTEST_SECRET:
        raise BadSecret(f"The secret {name} is shorter than {_SHORTEST_SECRET} characters.")
    return value


def _entries(name: str, text: str) -> list[tuple[str, dict[str, Any]]]:
    shape = BadSecret(f'The secret {name} is not JSON of the form {{"keys": [{{"kid": ...}}]}}.')
    try:
        document = json.loads(text)
    except ValueError:
        raise shape from None
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list) or not keys or not all(isinstance(entry, dict) for entry in keys):
        raise shape
    entries = [(entry.get("kid"), entry) for entry in keys]
    if not all(isinstance(kid, str) and KEY_ID.fullmatch(kid) for kid, _ in entries):
        raise BadSecret(f"The secret {name} has a key without a plain id (letters, digits, - and _).")
    if len({kid for kid, _ in entries}) < len(entries):
        raise BadSecret(f"The secret {name} has two keys with one id.")
    return entries


def _private_key(name: str, entry: dict[str, Any]) -> EllipticCurvePrivateKey:
    wrong = BadSecret(f"The secret {name} holds a key that is not a PEM private key on the curve P-256.")
    pem = entry.get("private_key")
    if not isinstance(pem, str):
        raise wrong
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise wrong from None
    if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP256R1):
        raise wrong
    return key


def _sealing_key(name: str, entry: dict[str, Any]) -> bytes:
    text = entry.get("key")
    try:
        key = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except binascii.Error:
        key = b""
    if len(key) != SEALING_KEY_BYTES:
        raise BadSecret(f"The secret {name} holds a key that is not base64 of {SEALING_KEY_BYTES} bytes.")
    if len(set(key)) < _DISTINCT_BYTES:
        raise BadSecret(f"The secret {name} holds a placeholder instead of a random key.")
    return key


def _public_jwk(kid: str, key: EllipticCurvePrivateKey) -> dict[str, str]:
    numbers = key.public_key().public_numbers()
    x, y = (_base64url(value.to_bytes(32, "big")) for value in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": kid, "x": x, "y": y}


def _base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
