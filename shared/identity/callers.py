"""Service accounts that call: the OIDC tokens of Cloud Tasks and Cloud Scheduler, which Google issues."""

import hmac
import time
from collections.abc import Collection

from shared.identity.interfaces import BadToken, Clock, KeySource
from shared.identity.tokens import Rule, verified_claims

GOOGLE = "https://accounts.google.com"
_JWT_TYPES = frozenset({"", "jwt"})


def issuers(issuer: str) -> frozenset[str]:
    """How `issuer` may be spelled in a token: Google's appears with and without its scheme."""
    return frozenset({issuer, issuer.removeprefix("https://")}) if issuer == GOOGLE else frozenset({issuer})


class CallerVerifier:
    """Knows a service account of the organisation's from anybody else with a Google token."""

    def __init__(self, keys: KeySource, issuer: str = GOOGLE, clock: Clock = time.time) -> None:
        self._keys, self._issuers, self._clock = keys, issuers(issuer), clock

    async def verify(self, token: str, audience: str, allowed: Collection[str]) -> str:
        """The caller's e-mail address, one of `allowed`.

        Raises NotSignedIn unless Google signed the token for `audience` and for a verified address on
        the list, Unavailable when Google's keys cannot be had.
        """
        if not audience:
            raise BadToken("no audience to check against")
        rule = Rule("RS256", self._issuers, audience, _JWT_TYPES, ("sub", "email"))
        claims = await verified_claims(token, self._keys, rule, self._clock())
        if claims.get("email_verified") is not True:
            raise BadToken("address not verified")
        email = str(claims["email"]).encode()
        # Compared with all of them, each in constant time: how long it takes tells nothing of the list.
        matches = [known for known in allowed if hmac.compare_digest(known.encode(), email)]
        if not matches:
            raise BadToken("caller not on the list")
        return matches[0]
