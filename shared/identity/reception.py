"""The last steps of every way of signing in: the domain rule, the user, the audit entry, the session."""

import time
from dataclasses import dataclass

from shared import log
from shared.identity.admission import Admission
from shared.identity.audit import Trail
from shared.identity.erasure import Erasure
from shared.identity.interfaces import Clock, UserStore
from shared.identity.records import Device, Profile, SessionTokens, SignInMethod, User
from shared.identity.sessions import Sessions

_log = log.get_logger("identity.signin")


@dataclass(frozen=True)
class Reception:
    """Lets people in, whoever vouched for them."""

    users: UserStore
    sessions: Sessions
    admission: Admission
    erasure: Erasure
    trail: Trail
    clock: Clock = time.time

    def admit(self, profile: Profile) -> None:
        """Raises AccountNotAllowed, and nothing is stored then."""
        self.admission.admit(profile)

    async def user(self, profile: Profile) -> User:
        """The user, made at the first sign-in. An erasure that was cut off is finished first."""
        user = await self._signed_in(profile)
        if user.erasing:
            await self.erasure.resume(user.subject, user.erasing)
            user = await self._signed_in(profile)
        return user

    async def open(self, user: User, device: Device, method: SignInMethod) -> SessionTokens:
        """A session, recorded before it begins. Raises Unavailable when it cannot be recorded."""
        await self.trail.require(
            "signin.succeeded", user.subject, user.subject, method=method, role=user.role
        )
        tokens = await self.sessions.begin(user, device)
        # A role that changed while this session was on its way is read once more: whoever changed it
        # looked for sessions afterwards, so one of the two sees the other.
        now = await self.users.get(user.subject)
        if now is not None and (now.role, now.tier) != (user.role, user.tier):
            await self.sessions.set_standing(now)
        _log.info("signin.finished", person=log.pseudonym(user.subject), method=method, role=user.role)
        return tokens

    async def _signed_in(self, profile: Profile) -> User:
        return await self.users.signed_in(
            profile, admin=self.admission.names_admin(profile), now=self.clock()
        )
