"""What identity needs from the outside, and the errors of its own."""

from collections.abc import Callable
from typing import ClassVar, Protocol

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from shared.errors import AppError, Malformed, NotAllowed, NotSignedIn, Upstream
from shared.identity.records import (
    AccessToken,
    AuthorizationRequest,
    Grant,
    LoginState,
    Profile,
    Refresh,
    Session,
    TokenAnswer,
    User,
)

PublicKey = EllipticCurvePublicKey | RSAPublicKey
Clock = Callable[[], float]
"""Seconds since 1970."""


class BadSecret(AppError):
    """A secret is missing, a placeholder or too short; the sentence names it and never its value."""

    status = 500
    code = "misconfigured"
    title = "Misconfigured"


class BadToken(NotSignedIn):
    """A token that does not prove what it claims. `reason` is for the log, not for the person."""

    def __init__(self, reason: str) -> None:
        super().__init__("Your session is not valid any more. Sign in again.")
        self.reason = reason


class UnknownKey(Exception):
    """No key with this id is published."""


class GrantMissing(NotAllowed):
    """Docent cannot look at this person's Drive: never granted, withdrawn, or expired."""

    code = "drive-grant-missing"
    title = "No access to your Drive"

    def __init__(self) -> None:
        super().__init__("Docent may not look at your Drive any more. Sign in again to allow it.")


class GrantRefused(Exception):
    """Google answered `invalid_grant`: this refresh token or code is worth nothing, now and later."""


class SignInExpired(Malformed):
    """The callback does not belong to a sign-in that this browser began a moment ago."""

    code = "sign-in-expired"
    title = "This sign-in has expired"


class SignInDeclined(NotAllowed):
    """The person said no at Google's page."""

    code = "sign-in-declined"
    title = "You did not sign in"


class AccountNotAllowed(NotAllowed):
    """A genuine Google account, but not one that this Docent admits."""

    code = "account-not-allowed"
    title = "This account cannot use Docent"


class SignInFailed(Upstream):
    """Google's answer could not be had or could not be trusted. `reason` is for the log."""

    code = "sign-in-failed"
    title = "Google did not confirm who you are"
    advice: ClassVar[str] = "Google's answer could not be checked. Try again in a moment."

    def __init__(self, reason: str) -> None:
        super().__init__(self.advice)
        self.reason = reason


class Secrets(Protocol):
    """Secret values by name."""

    async def text(self, name: str, max_age: float | None = None) -> str:
        """The newest value of secret `name`, read at most `max_age` seconds ago (default: the store's own).

        Raises BadSecret when there is none, Unavailable or Timeout when it cannot be read.
        """
        ...


class KeySource(Protocol):
    """Public keys by key id."""

    async def key(self, kid: str) -> PublicKey:
        """Raises UnknownKey when nobody published it, Unavailable when that cannot be known."""
        ...


class OpenIdProvider(Protocol):
    """An OpenID Connect provider, as its discovery document describes it."""

    @property
    def issuers(self) -> frozenset[str]:
        """How the provider spells its own name."""
        ...

    @property
    def client_id(self) -> str:
        """What Docent is called there."""
        ...

    @property
    def keys(self) -> KeySource:
        """The keys it signs with."""
        ...

    async def check(self) -> None:
        """Raises BadSecret, naming it, when the client's secret is missing or a placeholder."""
        ...

    async def authorization_url(self, request: AuthorizationRequest) -> str:
        """Where to send the browser. Raises Unavailable when the provider cannot be reached."""
        ...

    async def exchange(self, code: str, verifier: str) -> TokenAnswer:
        """What `code` is worth. Raises GrantRefused when nothing, Unavailable, Timeout or Upstream."""
        ...

    async def refresh(self, refresh_token: str) -> AccessToken:
        """A new access token. Raises GrantRefused when the grant is dead, Unavailable, Timeout, Upstream."""
        ...

    async def revoke(self, token: str) -> None:
        """End the grant `token` belongs to; one that is already dead is fine."""
        ...


class SessionStore(Protocol):
    """Sessions. Every method raises Unavailable or Timeout when the store does not answer."""

    async def create(self, session: Session) -> None:
        """Store a session under its new id."""
        ...

    async def get(self, session_id: str) -> Session | None:
        """The session as it stands now, expired and ended ones included; None when there is none."""
        ...

    async def seen(self, session_id: str, at: float) -> None:
        """Note that the session was used at `at`; a session that is gone is fine."""
        ...

    async def renew(self, session_id: str, expected: str, refresh: Refresh, expire_at: float) -> bool:
        """Replace the refresh state and the expiry, if `expected` is still the current hash.

        False when another replaced it first or the session is over: nothing has changed then.
        """
        ...

    async def end(self, session_id: str) -> bool:
        """From now on the session admits nobody. False when it had ended before, or never was."""
        ...

    async def of(self, subject: str) -> list[Session]:
        """The sessions of one person that have not ended, newest first."""
        ...


class LoginStates(Protocol):
    """Sign-ins under way. Every method raises Unavailable or Timeout when the store does not answer."""

    async def put(self, state: LoginState) -> None:
        """Store a sign-in under its id."""
        ...

    async def take(self, state_id: str) -> LoginState | None:
        """Remove and return it: of two who take the same, one gets it and the other None."""
        ...


class UserStore(Protocol):
    """People who have signed in. Every method raises Unavailable or Timeout when it cannot be read."""

    async def signed_in(self, profile: Profile, *, admin: bool, now: float) -> User:
        """The user after this sign-in. `admin` decides the role at the first one and is ignored later."""
        ...

    async def get(self, subject: str) -> User | None:
        """The user, or None."""
        ...


class GrantStore(Protocol):
    """Sealed Drive grants. Every method raises Unavailable or Timeout when the store does not answer."""

    async def put(self, grant: Grant) -> None:
        """Store the grant in place of the person's earlier one."""
        ...

    async def get(self, subject: str) -> Grant | None:
        """The person's grant, dead or live; None when there is none."""
        ...

    async def mark_dead(self, subject: str, box: bytes) -> None:
        """Mark the grant dead, unless its token is no longer `box`: then a newer sign-in replaced it."""
        ...

    async def delete(self, subject: str) -> None:
        """Forget the grant; one that is not there is fine."""
        ...
