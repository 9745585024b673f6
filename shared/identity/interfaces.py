"""What identity needs from the outside, and the errors of its own."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, ClassVar, Protocol

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from shared.errors import AppError, Malformed, NotAllowed, NotSignedIn, Upstream
from shared.identity.records import (
    AccessToken,
    AuditEntry,
    AuthorizationRequest,
    ChainHead,
    Grant,
    Link,
    LoginState,
    Profile,
    Receipt,
    Refresh,
    Role,
    Session,
    TokenAnswer,
    User,
)
from shared.models import Tier

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

    async def skew(self) -> float:
        """Seconds by which the provider's clock is ahead of ours. Raises Unavailable, Timeout, Upstream."""
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

    async def set_standing(self, subject: str, role: Role, tier: Tier) -> None:
        """Write a person's role and tier into each of their sessions: the next request counts with them."""
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

    async def page(self, after: str, limit: int) -> list[User]:
        """At most `limit` users whose subject follows `after`, by subject; "" begins at the first."""
        ...

    async def change(self, subject: str, role: Role | None, tier: Tier | None) -> User:
        """Set what is not None; returns the user as they are then. Raises NotFound."""
        ...

    async def begin_erasure(self, subject: str, receipt: str) -> str:
        """Mark the user as being erased; returns the receipt's id, an earlier attempt's if there was one."""
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


class AuditStore(Protocol):
    """The audit trail: entries wait until they are linked. Each method may raise Unavailable or Timeout."""

    async def append(self, entry: AuditEntry) -> None:
        """Store an entry, for good, in one write that no other writer can hold up."""
        ...

    async def seal(self, authenticate: Callable[[int, str], ChainHead]) -> ChainHead | None:
        """Link some waiting entries to the chain, oldest first; returns the new head, None without entries.

        `authenticate` makes the head of a number and a hash. Two who seal at once never fork the chain.
        """
        ...

    async def head(self) -> ChainHead | None:
        """The head; None while nothing was ever linked."""
        ...

    async def after(self, seq: int, limit: int) -> list[Link]:
        """At most `limit` links that follow `seq`, in order."""
        ...

    async def before(
        self, seq: int | None, limit: int, *, event: str = "", people: Sequence[str] = ()
    ) -> list[Link]:
        """At most `limit` links before `seq`, newest first: one kind of event, or about one person only."""
        ...

    async def waiting(self) -> int:
        """The number of entries that are not linked yet."""
        ...


class PersonalStore(Protocol):
    """A place where data about people lies: what erasure empties and export reads."""

    @property
    def name(self) -> str:
        """What receipts and exports call it."""
        ...

    async def erase(self, subject: str, receipt: str) -> int:
        """Delete some of what is the person's and add the number to the receipt, in one write if it can be.

        Returns the number, 0 when nothing is left. A repetition after a failure deletes what remains.
        """
        ...

    def export(self, subject: str) -> AsyncIterator[dict[str, object]]:
        """What is the person's, as JSON values, without secrets; read in pages."""
        ...


class ReceiptStore(Protocol):
    """Receipts of erasures. Every method raises Unavailable or Timeout when the store does not answer."""

    async def begin(self, receipt: Receipt) -> None:
        """Store a receipt unless it is there already."""
        ...

    async def add(self, receipt_id: str, store: str, count: int) -> None:
        """Count what one store has deleted."""
        ...

    async def finish(self, receipt_id: str, at: float) -> Receipt:
        """Nothing is left: note when, forget the subject, and return the receipt."""
        ...

    async def unfinished(self) -> list[Receipt]:
        """Erasures that began and did not end."""
        ...


class FirebaseTokens(Protocol):
    """Verifies what Firebase issues."""

    async def identity(self, id_token: str) -> Mapping[str, Any]:
        """The claims of an ID token, checked against revocation. Raises BadToken, Unavailable, Timeout."""
        ...

    async def app(self, token: str) -> None:
        """Check an App Check token. Raises BadToken, Unavailable, Timeout."""
        ...
