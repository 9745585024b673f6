"""A person's Drive grant: kept sealed, turned into access tokens, given up when Google says it is dead."""

import asyncio
import time
from collections import OrderedDict
from typing import Literal
from weakref import WeakValueDictionary

from shared import log
from shared.errors import AppError
from shared.identity.interfaces import Clock, GrantMissing, GrantRefused, GrantStore, OpenIdProvider
from shared.identity.records import AccessToken, Grant, Sealed
from shared.identity.sealing import CannotOpen, Sealer

DRIVE_SCOPE = "https://www.googleapis.com/auth/drive.metadata.readonly"
EARLY = 120.0
"""Seconds before its end that an access token is replaced, so that it outlives the call it is used for."""

_REMEMBERED = 1000
_log = log.get_logger("identity.grants")


class DriveGrants:
    """Looks at Drive as the person who asks. Access tokens are kept in this process only, and only a few."""

    def __init__(
        self, store: GrantStore, sealer: Sealer, provider: OpenIdProvider, clock: Clock = time.time
    ) -> None:
        self._store, self._sealer, self._provider, self._clock = store, sealer, provider, clock
        self._tokens: OrderedDict[str, AccessToken] = OrderedDict()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def check(self) -> None:
        """Raises BadSecret, naming it, when the keys that seal are missing or placeholders."""
        await self._sealer.ring()

    async def sealing(self) -> tuple[int, str]:
        """How many keys open grants, and the id of the one that seals them now."""
        ring = await self._sealer.ring()
        return len(ring.keys), ring.sealing[0]

    async def keep(self, subject: str, refresh_token: str) -> None:
        """Store what a sign-in granted, in place of an earlier grant."""
        sealed = await self._sealer.seal(refresh_token, _owner(subject))
        await self._store.put(Grant(subject, sealed, "live", self._clock()))
        self.forget(subject)

    async def access_token(self, subject: str) -> str:
        """A Google access token of the person's, good for at least two minutes.

        Many who ask at once cause one refresh. Raises GrantMissing when the person has to sign in again,
        Unavailable, Timeout or Upstream when Google cannot say.
        """
        if token := self._remembered(subject):
            return token
        lock = self._locks.setdefault(subject, asyncio.Lock())
        async with lock:
            return self._remembered(subject) or await self._refreshed(subject)

    async def state(self, subject: str) -> Literal["live", "dead", "missing"]:
        """Whether Docent may look at the person's Drive. Raises Unavailable, Timeout."""
        grant = await self._store.get(subject)
        return grant.state if grant else "missing"

    async def withdraw(self, subject: str) -> bool:
        """Revoke the grant at Google and forget it; False when there was none."""
        self.forget(subject)
        grant = await self._store.get(subject)
        if grant is None:
            return False
        if grant.state == "live":
            try:
                await self._provider.revoke(await self._sealer.open(grant.token, _owner(subject)))
            except CannotOpen:
                _log.warning("grant.cannot_open", person=log.pseudonym(subject))
        await self._store.delete(subject)
        return True

    async def give_up(self, subject: str) -> Literal["revoked", "forgotten", "missing"]:
        """End the grant in any case: when Google does not answer, the only copy of it is destroyed.

        Raises Unavailable or Timeout when the store does not answer.
        """
        try:
            return "revoked" if await self.withdraw(subject) else "missing"
        except AppError as error:
            _log.warning("grant.not_revoked", person=log.pseudonym(subject), code=error.code)
            await self._store.delete(subject)
            return "forgotten"

    def forget(self, subject: str) -> None:
        """Drop the remembered access token, as after Drive refused it."""
        self._tokens.pop(subject, None)

    def _remembered(self, subject: str) -> str:
        token = self._tokens.get(subject)
        if token is None or self._clock() >= token.expire_at - EARLY:
            return ""
        self._tokens.move_to_end(subject)
        return token.value

    async def _refreshed(self, subject: str) -> str:
        grant = await self._store.get(subject)
        if grant is None or grant.state != "live":
            raise GrantMissing
        token = await self._redeemed(subject, grant.token)
        self._tokens[subject] = token
        self._tokens.move_to_end(subject)
        while len(self._tokens) > _REMEMBERED:
            self._tokens.popitem(last=False)
        return token.value

    async def _redeemed(self, subject: str, sealed: Sealed) -> AccessToken:
        try:
            refresh_token = await self._sealer.open(sealed, _owner(subject))
            return await self._provider.refresh(refresh_token)
        except (CannotOpen, GrantRefused) as error:
            _log.warning("grant.dead", person=log.pseudonym(subject), reason=type(error).__name__)
            await self._store.mark_dead(subject, sealed.box)
            raise GrantMissing from None


def _owner(subject: str) -> str:
    """The purpose is bound in too: a box sealed for something else of the same person's does not open."""
    return f"drive-grant/{subject}"
