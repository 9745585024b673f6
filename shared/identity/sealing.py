"""Authenticated encryption of what must not lie in a database in clear (AES-256-GCM, NIST SP 800-38D)."""

import secrets as random

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.identity.interfaces import Secrets, UnknownKey
from shared.identity.keyring import SealingRing, sealing_ring
from shared.identity.records import Sealed

_NONCE_BYTES = 12


class CannotOpen(Exception):
    """The box was sealed for somebody else, was changed, or its key is gone."""


class Sealer:
    """Seals with the first key of the ring and opens with whichever sealed, so keys rotate without loss.

    `owner` is bound to the box as associated data: a box moved to another person's record does not open.
    """

    def __init__(self, secrets: Secrets, name: str) -> None:
        self._secrets, self._name = secrets, name

    async def seal(self, text: str, owner: str) -> Sealed:
        """`text`, for `owner` only. Raises BadSecret, Unavailable, Timeout."""
        kid, key = (await self.ring()).sealing
        nonce = random.token_bytes(_NONCE_BYTES)
        return Sealed(kid, nonce + AESGCM(key).encrypt(nonce, text.encode(), owner.encode()))

    async def open(self, sealed: Sealed, owner: str) -> str:
        """What was sealed for `owner`. Raises CannotOpen, BadSecret, Unavailable, Timeout."""
        try:
            key = (await self.ring()).key(sealed.key_id)
        except UnknownKey:
            key = await self._newly_added(sealed.key_id)
        nonce, box = sealed.box[:_NONCE_BYTES], sealed.box[_NONCE_BYTES:]
        try:
            return AESGCM(key).decrypt(nonce, box, owner.encode()).decode()
        except (InvalidTag, ValueError):
            raise CannotOpen from None

    async def ring(self, max_age: float | None = None) -> SealingRing:
        """The keys now. Raises BadSecret, Unavailable, Timeout."""
        return sealing_ring(self._name, await self._secrets.text(self._name, max_age))

    async def _newly_added(self, key_id: str) -> bytes:
        """The key that another instance sealed with before this one read it."""
        try:
            return (await self.ring(max_age=2.0)).key(key_id)
        except UnknownKey:
            raise CannotOpen from None
