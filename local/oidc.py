"""ID tokens of service accounts, from the sign-in stand-in, as IAM Credentials gives them."""

import asyncio
import base64
import json
from collections import defaultdict
from dataclasses import dataclass
from http import HTTPStatus

import httpx

from local.clock import Clock

TIMEOUT_SECONDS = 10.0
KEPT_SECONDS = 300.0
MARGIN_SECONDS = 60.0


class NoTokenError(Exception):
    """The issuer gave no token."""


@dataclass(frozen=True)
class _Kept:
    token: str
    until: float


class IdTokens:
    """Mints OIDC tokens at `signin` and keeps each for five minutes, or until it is nearly expired.

    Speaks `projects.serviceAccounts.generateIdToken` of the IAM Credentials API (v1).
    """

    def __init__(self, signin: str, client: httpx.AsyncClient, clock: Clock) -> None:
        self._signin, self._client, self._clock = signin.rstrip("/"), client, clock
        self._kept: dict[tuple[str, str], _Kept] = {}
        self._minting: defaultdict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def token(self, email: str, audience: str) -> str:
        """A token for this account and audience. Raises NoTokenError."""
        # One asks, the others wait: a full queue must not ask the issuer a thousand times.
        async with self._minting[email, audience]:
            kept = self._kept.get((email, audience))
            if kept and self._clock.now() < kept.until:
                return kept.token
            token = await self._minted(email, audience)
            until = min(self._clock.now() + KEPT_SECONDS, _expiry(token) - MARGIN_SECONDS)
            self._kept[email, audience] = _Kept(token, until)
            return token

    def forget(self, email: str, audience: str) -> None:
        """Do not use the kept token again: a target refused it, the keys may have rotated."""
        self._kept.pop((email, audience), None)

    async def _minted(self, email: str, audience: str) -> str:
        if not self._signin:
            raise NoTokenError("no sign-in address was given, so no OIDC token can be made")
        url = f"{self._signin}/v1/projects/-/serviceAccounts/{email}:generateIdToken"
        try:
            reply = await self._client.post(
                url,
                json={"audience": audience, "includeEmail": True},
                headers={"Authorization": "Bearer local-cloud"},
                timeout=TIMEOUT_SECONDS,
            )
        except httpx.HTTPError as error:
            raise NoTokenError(f"the token issuer did not answer: {type(error).__name__}") from error
        if reply.status_code != HTTPStatus.OK:
            raise NoTokenError(f"the token issuer answered {reply.status_code}")
        try:
            return str(reply.json()["token"])
        except (ValueError, KeyError) as error:
            raise NoTokenError("the token issuer answered without a token") from error


def _expiry(token: str) -> float:
    """The `exp` of a JWT, unverified: only whether to ask for a new one hangs on it."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return float(claims["exp"])
    except (IndexError, ValueError, KeyError) as error:
        raise NoTokenError("what the token issuer gave is no JWT with an expiry") from error
