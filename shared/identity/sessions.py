"""Sessions: begun at sign-in, checked at every request, ended so that the next request already fails."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Sequence

from shared import log
from shared.errors import AppError, Conflict, NotFound, NotSignedIn, Timeout, TooMany, Unavailable, Upstream
from shared.identity import refresh_tokens
from shared.identity.audit import Trail
from shared.identity.devices import device_name
from shared.identity.interfaces import BadToken, Clock, KeySource, SessionStore
from shared.identity.records import Device, Session, SessionTokens, User
from shared.identity.tokens import SESSION_ID, AccessClaims, TokenSigner, TokenVerifier, new_session_id
from shared.models import Person

SEEN_EVERY = 300.0
"""Seconds between two notes of a session's use: exact enough for a list of devices, cheap enough to keep."""

RETRY_AFTER = 5.0
"""Seconds after which it is worth asking again when sessions or keys cannot be read."""

_UNKNOWABLE = "Docent cannot check your session right now. Try again in a moment."
_ENDED = "Your session has ended. Sign in again."
_REMEMBERED = 1000
_RENEWALS = 5
"""Attempts at a renewal that others got in the way of."""
_log = log.get_logger("identity.sessions")


class SessionVerifier:
    """Says who is asking.

    One read of the session store a request and no memory of it: what was ended a moment ago admits
    nobody now, and when the store cannot be read, nobody is admitted either.
    """

    def __init__(
        self,
        keys: KeySource,
        sessions: SessionStore,
        issuer: str,
        trail: Trail,
        clock: Clock = time.time,
    ) -> None:
        self._tokens = TokenVerifier(keys, issuer, clock)
        self._sessions, self._trail, self._clock = sessions, trail, clock

    async def person(self, token: str) -> Person:
        """The person whose live session `token` names. Raises NotSignedIn, or Unavailable when unknowable.

        A cookie's value is taken as it is: what follows the access token there is for auth alone.
        """
        return await self.claimant(await self.claims(token.partition(refresh_tokens.SEPARATOR)[0]))

    async def claimant(self, claims: AccessClaims) -> Person:
        """The person whose live session verified claims name. Raises as `person`."""
        try:
            session = await self._sessions.get(claims.session_id)
        except AppError as error:
            _log.warning("session.unreadable", code=error.code)
            raise Unavailable(_UNKNOWABLE, retry_after=RETRY_AFTER) from None
        return self.admitted(claims, session)

    async def denied(self, person: Person, method: str, route: str, reason: str) -> None:
        """Note in the audit trail that the person was kept from something; never raises."""
        await self._trail.note(
            "permission.denied",
            person.subject,
            person.subject,
            method=method,
            route=route,
            reason=reason,
        )

    async def claims(self, token: str) -> AccessClaims:
        """The first half of `person`, for who reads the session together with other documents."""
        try:
            return await self._tokens.access(token)
        except BadToken as error:
            _log.info("token.refused", reason=error.reason)
            raise
        except (Unavailable, Timeout, Upstream, TooMany) as error:
            _log.warning("keys.unreadable", code=error.code)
            raise Unavailable(_UNKNOWABLE, retry_after=RETRY_AFTER) from None

    def admitted(self, claims: AccessClaims, session: Session | None) -> Person:
        """The second half of `person`. Raises NotSignedIn unless `session` lives and is the token's own."""
        if session is None or not session.live(self._clock()) or session.subject != claims.subject:
            raise NotSignedIn(_ENDED)
        return session.person()


class Sessions:
    """Begins, renews, lists and ends sessions; auth alone has one of these."""

    def __init__(
        self,
        store: SessionStore,
        signer: TokenSigner,
        trail: Trail,
        access_lifetime: float,
        lifetime: float,
        *,
        clock: Clock = time.time,
    ) -> None:
        self._store, self._signer, self._trail, self._clock = store, signer, trail, clock
        self._noted: OrderedDict[str, float] = OrderedDict()
        self.access_lifetime = access_lifetime
        """Seconds that an access token is good for."""
        self.lifetime = lifetime
        """Seconds that a session lives without being refreshed."""

    async def begin(self, user: User, device: Device) -> SessionTokens:
        """Start a session on this device."""
        now, secret = self._clock(), refresh_tokens.new_secret()
        session = Session(
            id=new_session_id(),
            subject=user.subject,
            email=user.email,
            name=user.name,
            domain=user.domain,
            role=user.role,
            device=device_name(device.user_agent),
            created_at=now,
            last_seen=now,
            expire_at=now + self.lifetime,
            refresh=refresh_tokens.first(secret),
            tier=user.tier,
            place=device.place,
        )
        await self._store.create(session)
        return await self._tokens(session, secret)

    async def renew(self, refresh_token: str) -> SessionTokens:
        """The next two tokens for a refresh token.

        Raises NotSignedIn when it is not the current one of a live session; a token that was replaced
        earlier than the grace allows ends its session. Unavailable when sessions cannot be read.
        """
        session_id, secret = refresh_tokens.parts_of(refresh_token)
        for _ in range(_RENEWALS):
            session, now = await self._store.get(session_id), self._clock()
            if session is None or not session.live(now):
                raise NotSignedIn(_ENDED)
            if refresh_tokens.is_current(session.refresh, secret):
                following = refresh_tokens.new_secret()
                state = refresh_tokens.replaced(secret, following, now)
                expected, expire_at = session.refresh.current, now + self.lifetime
                if await self._store.renew(session_id, expected, state, expire_at):
                    return await self._tokens(session, following)
            elif given_out := refresh_tokens.successor(session.refresh, secret, now):
                return await self._tokens(session, given_out)
            else:
                await self._store.end(session_id)
                _log.warning("session.refresh_reused", person=log.pseudonym(session.subject))
                await self._ended(session, "", "refresh token used twice")
                raise NotSignedIn(_ENDED)
        raise Conflict("Your session is being renewed elsewhere. Try again.", retry_after=1)

    async def _tokens(self, session: Session, secret: str) -> SessionTokens:
        access = await self._signer.access(session.subject, session.id, self.access_lifetime)
        return SessionTokens(access, refresh_tokens.token_of(session.id, secret))

    async def seen(self, session_id: str) -> None:
        """Note that the session is in use; at most every five minutes, and never at the request's expense."""
        now = self._clock()
        if now - self._noted.get(session_id, 0.0) < SEEN_EVERY:
            return
        self._noted[session_id] = now
        self._noted.move_to_end(session_id)
        while len(self._noted) > _REMEMBERED:
            self._noted.popitem(last=False)
        try:
            await self._store.seen(session_id, now)
        except AppError as error:
            _log.warning("session.not_noted", code=error.code)

    async def end(self, person: Person) -> None:
        """Sign this session out; one that has ended is fine."""
        if await self._store.end(person.session_id):
            await self._trail.note("session.ended", person.subject, person.subject, count=1, why="signed out")

    async def list(self, subject: str) -> list[Session]:
        """A person's live sessions, newest first."""
        now = self._clock()
        return [session for session in await self._store.of(subject) if session.live(now)]

    async def end_one(self, person: Person, session_id: str) -> None:
        """End a session of the person's own, or anybody's for an administrator. Raises NotFound."""
        known = SESSION_ID.fullmatch(session_id)
        session = await self._store.get(session_id) if known else None
        if session is None or not (person.admin or session.subject == person.subject):
            raise NotFound("There is no such session.")
        if not await self._store.end(session_id):
            raise NotFound("There is no such session.")
        await self._ended(session, person.subject, "ended from the list")

    async def end_others(self, person: Person) -> int:
        """End every session of the person's but the one that asks; returns how many."""
        others = [one for one in await self.list(person.subject) if one.id != person.session_id]
        return await self._end_all(others, person.subject, "all others ended")

    async def end_all_of(self, subject: str, actor: str) -> int:
        """End every session of a person's; returns how many."""
        return await self._end_all(await self.list(subject), actor, "signed out everywhere")

    async def set_standing(self, user: User) -> None:
        """Let every session of the user's count with their role and tier from the next request on."""
        await self._store.set_standing(user.subject, user.role, user.tier)

    async def _end_all(self, sessions: Sequence[Session], actor: str, why: str) -> int:
        ended = sum(await asyncio.gather(*(self._store.end(session.id) for session in sessions)))
        if ended:
            await self._trail.note("session.ended", sessions[0].subject, actor, count=ended, why=why)
        return ended

    async def _ended(self, session: Session, actor: str, why: str) -> None:
        await self._trail.note("session.ended", session.subject, actor, count=1, why=why)
