"""Whose token a request carries: asked of the sign-in stand-in, remembered for a moment."""

import ssl
import time
from dataclasses import dataclass

import httpx
from starlette.requests import Request

from local.drive.errors import SCOPE_MESSAGE, ApiError

SCOPE = "https://www.googleapis.com/auth/"
CONTENT_SCOPES = frozenset({SCOPE + "drive", SCOPE + "drive.readonly"})
METADATA_SCOPES = CONTENT_SCOPES | {SCOPE + "drive.metadata", SCOPE + "drive.metadata.readonly"}
GROUP_SCOPES = frozenset(
    SCOPE + "admin.directory." + name
    for name in ("group", "group.readonly", "group.member", "group.member.readonly")
)
REMEMBERED_SECONDS = 2.0
TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True)
class Viewer:
    """Who asks. The connector is the service account, with which every folder was shared as organizer."""

    email: str
    connector: bool
    scopes: frozenset[str]

    def needs(self, scopes: frozenset[str]) -> None:
        """Raises ApiError unless one of the scopes was granted."""
        if not self.scopes & scopes:
            raise ApiError(403, "insufficientPermissions", SCOPE_MESSAGE)


class Viewers:
    """Turns bearer tokens into viewers. Without a sign-in address the token itself names the person."""

    def __init__(self, signin: str, service_account: str) -> None:
        self._signin, self._service_account = signin.rstrip("/"), service_account
        self._known: dict[str, tuple[float, Viewer]] = {}
        plain = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # never used: reading the CA bundle takes 50 ms
        self._client = httpx.AsyncClient(timeout=TIMEOUT_SECONDS, verify=plain)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def forget(self) -> None:
        """Ask again about every token."""
        self._known.clear()

    async def viewer(self, request: Request) -> Viewer:
        """Who sends this request. Raises ApiError (401)."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise ApiError(401, "required", "Login Required.", location="Authorization")
        when, known = self._known.get(token, (0.0, None))
        if known and time.monotonic() < when:
            return known
        found = await self._ask(token)
        self._known = {one: entry for one, entry in self._known.items() if entry[0] > time.monotonic()}
        self._known[token] = time.monotonic() + REMEMBERED_SECONDS, found
        return found

    async def _ask(self, token: str) -> Viewer:
        if not self._signin:
            email = token.lower()
            return Viewer(email, email == self._service_account, METADATA_SCOPES | GROUP_SCOPES)
        try:
            answer = await self._client.get(f"{self._signin}/tokeninfo", params={"access_token": token})
        except httpx.HTTPError:
            raise ApiError(503, "backendError", "The sign-in stand-in does not answer.") from None
        if answer.status_code != httpx.codes.OK:
            raise ApiError(401, "authError", "Invalid Credentials", location="Authorization")
        claims = answer.json()
        email = str(claims["email"]).lower()
        return Viewer(email, email == self._service_account, frozenset(str(claims["scope"]).split()))
