"""The sign-in doctor: what a sign-in needs, looked at one by one, each with the fix where it is ill."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from shared.errors import AppError
from shared.identity.audit import Trail
from shared.identity.erasure import Erasure
from shared.identity.grants import DriveGrants
from shared.identity.interfaces import OpenIdProvider, SessionStore
from shared.identity.keyring import SigningKeys
from shared.models import Person

LARGEST_SKEW = 20.0
"""Seconds; tokens are checked with 30 s of grace, and clocks go on drifting."""
_LARGEST_COOKIE = 4000
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_CONSUMER = ("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "yahoo.com", "icloud.com")
"""Domains of which no organisation is the owner: Google gives their accounts no `hd`."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the diagnosis. `fix` is what to do when it is not ok."""

    name: str
    ok: bool
    says: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Visit:
    """The request that asks, as it arrived: scheme and host after all proxies, and its session cookies."""

    scheme: str
    host: str
    cookies: tuple[str, ...]
    person: Person | None
    bearer: bool


@dataclass(frozen=True, slots=True)
class Setup:
    """What the operator configured."""

    home: str
    redirect_uri: str
    client_id: str
    domains: tuple[str, ...]
    admins: int
    origins: tuple[str, ...]


@dataclass(frozen=True)
class Doctor:
    """Examines this instance of auth."""

    setup: Setup
    provider: OpenIdProvider
    keys: SigningKeys
    grants: DriveGrants
    sessions: SessionStore
    trail: Trail
    erasure: Erasure

    async def examine(self, visit: Visit) -> list[Finding]:
        """Every finding, in the order in which one would look; never raises."""
        settled = [
            self._redirect_uri(),
            self._scheme(visit),
            self._cookie(visit),
            self._domain_rule(),
            self._origins(),
        ]
        asked: Mapping[str, Callable[[], Awaitable[Finding]]] = {
            "Firestore": self._firestore,
            "Client secret": self._client_secret,
            "Signing keys": self._signing_keys,
            "Sealing keys": self._sealing_keys,
            "Audit trail": self._audit,
            "Clock": self._clock,
            "Drive grant": lambda: self._grant(visit.person),
            "Erasures": self._erasures,
        }
        return settled + list(await asyncio.gather(*(_guarded(*check) for check in asked.items())))

    def _redirect_uri(self) -> Finding:
        wanted, given = f"{self.setup.home}/auth/callback", self.setup.redirect_uri
        if given != wanted:
            fix = f"Set OAUTH_REDIRECT_URI to {wanted}, and register exactly that with the OAuth client."
            return Finding("Redirect URI", False, f"Google is told to come back to {given}.", fix)
        if urlsplit(given).scheme != "https" and not self._at_home():
            return Finding(
                "Redirect URI", False, f"{given} is not https.", "Google takes https addresses only."
            )
        says = f"{given}; the OAuth client {self.setup.client_id} must have it registered, letter by letter."
        return Finding("Redirect URI", True, says)

    def _scheme(self, visit: Visit) -> Finding:
        home = urlsplit(self.setup.home)
        says = f"This request arrived as {visit.scheme}://{visit.host}; FRONTEND_URL is {self.setup.home}."
        if visit.scheme != home.scheme:
            fix = (
                "The proxy must pass X-Forwarded-Proto on, and people must open Docent by the address in "
                "FRONTEND_URL; over another scheme the browser does not send the session cookie."
            )
            return Finding("Scheme behind the proxy", False, says, fix)
        if visit.host != home.netloc:
            fix = "Open Docent by the address in FRONTEND_URL, or set that to the address people open."
            return Finding("Scheme behind the proxy", False, says, fix)
        return Finding("Scheme behind the proxy", True, says)

    def _cookie(self, visit: Visit) -> Finding:
        kept = "HttpOnly, SameSite=Lax, Path=/" + (", Secure" if self._secure() else "")
        if len(visit.cookies) > 1:
            fix = "Another application sets a __session cookie for this host or its parent domain; rename it."
            return Finding("Cookie", False, "The browser sent two __session cookies.", fix)
        if not visit.cookies:
            if visit.person is None or visit.bearer:
                return Finding("Cookie", True, f"None arrived with this request; Docent sets it {kept}.")
            return Finding("Cookie", False, "No __session cookie arrived.", "Let the proxy pass cookies on.")
        size = len(visit.cookies[0])
        if size > _LARGEST_COOKIE:
            fix = "Browsers drop cookies over 4096 bytes: shorten FRONTEND_URL or the key ids."
            return Finding("Cookie", False, f"The session cookie holds {size} bytes.", fix)
        return Finding(
            "Cookie", True, f"One __session cookie of {size} bytes arrived; Docent sets it {kept}."
        )

    def _domain_rule(self) -> Finding:
        name, domains = "Domain rule", self.setup.domains
        if not domains:
            if not self.setup.admins:
                fix = "Set ALLOWED_DOMAINS to your Workspace domains, and ADMIN_EMAILS to the administrators."
                return Finding(name, False, "Nobody can sign in: no domain and no administrator is set.", fix)
            return Finding(name, True, "Only the accounts in ADMIN_EMAILS can sign in; no domain is set.")
        wrong = [one for one in domains if "@" in one or "*" in one or "." not in one or one in _CONSUMER]
        if wrong:
            fix = (
                "ALLOWED_DOMAINS lists Workspace domains such as example.com; consumer accounts have no `hd`."
            )
            return Finding(name, False, f"No account can ever match {', '.join(wrong)}.", fix)
        says = f"Accounts whose hd claim is one of: {', '.join(domains)}."
        return Finding(name, True, says)

    def _origins(self) -> Finding:
        strange = [one for one in self.setup.origins if urlsplit(one).path or not urlsplit(one).netloc]
        if strange:
            fix = "CORS_ORIGINS lists origins: scheme, host, port; no path."
            return Finding("Origins", False, f"Not an origin: {', '.join(strange)}.", fix)
        return Finding("Origins", True, f"Pages that may call: {', '.join(self.setup.origins)}.")

    async def _firestore(self) -> Finding:
        await self.sessions.get("doctor")
        return Finding("Firestore", True, "Sessions can be read.")

    async def _client_secret(self) -> Finding:
        await self.provider.check()
        return Finding("Client secret", True, "Readable, and not a placeholder.")

    async def _signing_keys(self) -> Finding:
        ring = await self.keys.ring()
        published = [key["kid"] for key in (await self.keys.jwks())["keys"]]
        says = f"{len(ring.keys)} loaded; {ring.signing[0]} signs; published: {', '.join(published)}."
        return Finding("Signing keys", ring.signing[0] in published, says, "Call again in a few seconds.")

    async def _sealing_keys(self) -> Finding:
        count, kid = await self.grants.sealing()
        return Finding("Sealing keys", True, f"{count} loaded; {kid} seals.")

    async def _audit(self) -> Finding:
        kid = (await self.trail.ring()).sealing[0]
        if self.trail.owed:
            says = f"{self.trail.owed} entries of this instance wait to be stored."
            return Finding("Audit trail", False, says, "See the log for audit.late; they are tried again.")
        return Finding("Audit trail", True, f"The key {kid} makes pseudonyms; nothing waits to be stored.")

    async def _clock(self) -> Finding:
        skew = await self.provider.skew()
        says = f"Google's clock and ours differ by {abs(skew):.1f} s."
        return Finding("Clock", abs(skew) <= LARGEST_SKEW, says, "Set this machine's clock by NTP.")

    async def _grant(self, person: Person | None) -> Finding:
        if person is None:
            return Finding("Drive grant", True, "Sign in to see the state of your own.")
        state = await self.grants.state(person.subject)
        if state != "live":
            what = "was withdrawn or has expired" if state == "dead" else "was never given"
            fix = (
                "Sign in again and tick the box for Drive. If Google shows no box, the consent screen lacks "
                "drive.metadata.readonly; if grants die after 7 days, it is still in testing."
            )
            return Finding("Drive grant", False, f"Your consent to look at your Drive {what}.", fix)
        await self.grants.access_token(person.subject)
        return Finding("Drive grant", True, "Google accepts your consent to look at your Drive.")

    async def _erasures(self) -> Finding:
        open_ones = await self.erasure.unfinished()
        if open_ones:
            says = f"{open_ones} erasures are under way or were cut off."
            return Finding(
                "Erasures", False, says, "POST /auth/erasures goes on with those that were cut off."
            )
        return Finding("Erasures", True, "None is unfinished.")

    def _at_home(self) -> bool:
        return (urlsplit(self.setup.home).hostname or "") in _LOOPBACK

    def _secure(self) -> bool:
        return urlsplit(self.setup.home).scheme == "https"


async def _guarded(name: str, check: Callable[[], Awaitable[Finding]]) -> Finding:
    try:
        return await check()
    except AppError as error:
        return Finding(name, False, error.detail, _FIXES.get(name, "Try again; then look into the log."))


_FIXES = {
    "Firestore": "Check that the database exists and that auth's account has roles/datastore.user.",
    "Client secret": "Put the OAuth client's secret into Secret Manager, and let auth's account read it.",
    "Signing keys": "Put a P-256 key into Secret Manager as docs/security.md shows, readable by auth alone.",
    "Sealing keys": "Put 32 random bytes into Secret Manager as docs/security.md shows.",
    "Audit trail": "Put 32 random bytes into Secret Manager as docs/security.md shows.",
    "Clock": "Check GOOGLE_ISSUER, and that the function may reach it.",
    "Drive grant": "Sign in again. If it stays, check the OAuth client and its secret.",
}
