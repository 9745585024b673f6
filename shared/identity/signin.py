"""Signing in with an OpenID Connect provider: authorization code, PKCE, state and nonce, each used once."""

import asyncio
import base64
import hashlib
import hmac
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass

from shared import log
from shared.errors import AppError
from shared.identity.grants import DRIVE_SCOPE, DriveGrants
from shared.identity.idtokens import verified_profile
from shared.identity.interfaces import (
    AccountNotAllowed,
    BadToken,
    Clock,
    GrantRefused,
    LoginStates,
    OpenIdProvider,
    SignInDeclined,
    SignInExpired,
    SignInFailed,
)
from shared.identity.reception import Reception
from shared.identity.records import (
    AuthorizationRequest,
    Device,
    LoginState,
    Profile,
    SessionTokens,
    TokenAnswer,
    User,
)
from shared.identity.return_paths import safe_return
from shared.identity.tokens import TokenSigner, TokenVerifier

LOGIN_LIFETIME = 600.0
"""Seconds a person may spend at Google's pages."""
IDENTITY_SCOPES = ("openid", "email", "profile")
SCOPES = (*IDENTITY_SCOPES, DRIVE_SCOPE)

_EXPIRED = "Signing in took too long, or was begun in another window. Begin again."
_LONGEST_PARAMETER = 2048
_log = log.get_logger("identity.signin")


@dataclass(frozen=True)
class Departure:
    """Where the browser goes to sign in, and the cookie it takes along for `lifetime` seconds."""

    location: str
    cookie: str
    lifetime: float


@dataclass(frozen=True)
class Callback:
    """What came back with the browser; absent parameters are ""."""

    state: str
    code: str
    error: str
    issuer: str
    cookie: str
    device: Device


@dataclass(frozen=True)
class Arrival:
    """A person who has signed in: their session's tokens and lifetime in seconds, where they were going."""

    user: User
    tokens: SessionTokens
    lifetime: float
    return_to: str


@dataclass(frozen=True)
class Browser:
    """The secret of one browser's pre-login cookie, and what is derived from it for one `state`.

    So neither the PKCE verifier nor the nonce lies anywhere but in the browser that began.
    """

    secret: str

    @property
    def fingerprint(self) -> str:
        """What is stored of the secret."""
        return _digest(self.secret)

    def verifier(self, state: str) -> str:
        """The PKCE code verifier: 43 characters (RFC 7636 4.1)."""
        return self._derived("pkce", state)

    def nonce(self, state: str) -> str:
        """The nonce that must come back inside the id_token."""
        return self._derived("nonce", state)

    def _derived(self, purpose: str, state: str) -> str:
        mac = hmac.new(self.secret.encode(), f"{purpose}/{state}".encode(), hashlib.sha256)
        return _base64url(mac.digest())


@dataclass(frozen=True)
class SignIn:
    """The two halves of a sign-in, before and after Google's pages."""

    provider: OpenIdProvider
    states: LoginStates
    reception: Reception
    grants: DriveGrants
    signer: TokenSigner
    verifier: TokenVerifier
    clock: Clock = time.time
    with_drive: bool = True
    """Whether people are asked for a grant to Drive; not where rights are read from what was recorded."""

    async def begin(self, return_to: str, cookie: str) -> Departure:
        """Where to send the browser. `cookie` is what it brought: two windows may sign in side by side.

        Raises Unavailable or Timeout when Google or the store cannot be reached.
        """
        await self.ready()
        browser = await self._browser(cookie) or Browser(secrets.token_urlsafe(32))
        state = secrets.token_urlsafe(32)
        request = AuthorizationRequest(
            state=state,
            nonce=browser.nonce(state),
            challenge=_base64url(hashlib.sha256(browser.verifier(state).encode()).digest()),
            scopes=SCOPES if self.with_drive else IDENTITY_SCOPES,
        )
        location = await self.provider.authorization_url(request)
        expire_at = self.clock() + LOGIN_LIFETIME
        await self.states.put(
            LoginState(_digest(state), browser.fingerprint, safe_return(return_to), expire_at)
        )
        return Departure(location, await self.signer.login(browser.secret, LOGIN_LIFETIME), LOGIN_LIFETIME)

    async def ready(self) -> None:
        """Raises BadSecret, naming it, when a secret that a sign-in needs is missing or a placeholder."""
        await asyncio.gather(
            self.provider.check(), self.grants.check(), self.signer.check(), self.reception.trail.check()
        )

    async def finish(self, callback: Callback) -> Arrival:
        """Let the person in, or say why not; either is in the audit trail.

        Raises SignInExpired, SignInDeclined, AccountNotAllowed, SignInFailed, Unavailable or Timeout.
        """
        known: list[Profile] = []
        try:
            return await self._finished(callback, known)
        except AppError as error:
            await self.reception.trail.note(
                "signin.refused",
                known[0].subject if known else "",
                "",
                method="google",
                reason=getattr(error, "reason", error.code),
            )
            raise

    async def _finished(self, callback: Callback, known: list[Profile]) -> Arrival:
        """`known` is given the person as soon as somebody has vouched for who they are."""
        await self.ready()
        browser, return_to = await self._began_here(callback)
        if callback.error:
            _log.info("signin.declined", error=callback.error[:40])
            raise SignInDeclined("You left Google's page without signing in.")
        answer = await self._redeemed(callback.code, browser.verifier(callback.state))
        profile = await self._profile(answer.id_token, browser.nonce(callback.state))
        known.append(profile)
        await self._admit(profile, answer)
        user = await self.reception.user(profile)
        await self._keep_grant(user, answer)
        tokens = await self.reception.open(user, callback.device, "google")
        return Arrival(user, tokens, self.reception.sessions.lifetime, return_to)

    async def _browser(self, cookie: str) -> Browser | None:
        try:
            return Browser(await self.verifier.login(cookie)) if cookie else None
        except BadToken:
            return None

    async def _began_here(self, callback: Callback) -> tuple[Browser, str]:
        """The state is taken before anything is judged, so that it is used up whatever happens next."""
        parameters = (callback.state, callback.code, callback.error, callback.issuer)
        if not callback.state or any(len(value) > _LONGEST_PARAMETER for value in parameters):
            raise SignInExpired(_EXPIRED)
        browser = await self._browser(callback.cookie)
        if browser is None:
            raise SignInExpired(_EXPIRED)
        began = await self.states.take(_digest(callback.state))
        if began is None or self.clock() >= began.expire_at:
            raise SignInExpired(_EXPIRED)
        if not hmac.compare_digest(began.browser, browser.fingerprint):
            _log.warning("signin.another_browser")
            raise SignInExpired(_EXPIRED)
        if callback.issuer and callback.issuer not in self.provider.issuers:
            # RFC 9207: an answer of another provider's, mixed up with this one's.
            raise self._failed("answer of another issuer")
        return browser, began.return_to

    async def _redeemed(self, code: str, verifier: str) -> TokenAnswer:
        if not code:
            raise self._failed("no code")
        try:
            return await self.provider.exchange(code, verifier)
        except GrantRefused:
            raise self._failed("code refused") from None

    async def _profile(self, id_token: str, nonce: str) -> Profile:
        try:
            return await verified_profile(id_token, self.provider, nonce, self.clock())
        except BadToken as error:
            raise self._failed(error.reason) from None

    async def _admit(self, profile: Profile, answer: TokenAnswer) -> None:
        """Whoever is not admitted leaves no grant behind, here or at Google."""
        try:
            self.reception.admit(profile)
        except AccountNotAllowed:
            _log.warning("signin.account_not_allowed", person=log.pseudonym(profile.subject))
            if answer.refresh_token:
                with suppress(AppError):
                    await self.provider.revoke(answer.refresh_token)
            raise

    async def _keep_grant(self, user: User, answer: TokenAnswer) -> None:
        """No Drive scope or no refresh token: signed in all the same, and told later what is missing."""
        if answer.refresh_token and DRIVE_SCOPE in answer.scopes:
            await self.grants.keep(user.subject, answer.refresh_token)
        else:
            _log.info("signin.without_drive", person=log.pseudonym(user.subject))

    def _failed(self, reason: str) -> SignInFailed:
        _log.warning("signin.failed", reason=reason)
        return SignInFailed(reason)


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


def _base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
