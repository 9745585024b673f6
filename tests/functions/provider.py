"""An OpenID provider that checks what a real one checks, and says whatever a test makes it say."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.standin import HttpServer
from tests.fakes.identity import challenge_of
from tests.functions.forging import GOOGLE_KEY, now, public_jwk, signed

SUBJECT = "1234567890"
ALICE: dict[str, Any] = {
    "sub": SUBJECT,
    "email": "alice@example.com",
    "email_verified": True,
    "hd": "example.com",
    "name": "Alice",
}


@dataclass(frozen=True)
class Consent:
    """What a person agreed to at the provider's page, and what its code is worth."""

    client_id: str
    redirect_uri: str
    challenge: str
    scope: str
    nonce: str
    id_token: Callable[[str], str]


@dataclass
class Provider:
    """Discovery, keys, codes that work once and with their PKCE verifier, refresh tokens, revocation."""

    client_id: str
    client_secrets: set[str]
    revoked: list[str] = field(default_factory=list)
    """Refresh tokens that were revoked here, oldest first."""
    fetched: int = 0
    """How often a key set was fetched from an address that a token named."""

    def __post_init__(self) -> None:
        self.issuer = ""
        self._consents: dict[str, Consent] = {}
        self._refresh_tokens: dict[str, str] = {}
        self._server = HttpServer(
            Starlette(
                routes=[
                    Route("/.well-known/openid-configuration", self._discovery),
                    Route("/certs", self._certs),
                    Route("/stolen-keys", self._stolen_keys),
                    Route("/token", self._token, methods=["POST"]),
                    Route("/revoke", self._revoke, methods=["POST"]),
                ]
            )
        )

    async def start(self) -> None:
        """Listen."""
        self.issuer = f"http://127.0.0.1:{await self._server.start()}"

    async def stop(self) -> None:
        """Stop listening."""
        await self._server.stop()

    def consent(self, location: str, id_token: Callable[[str], str] | None = None, **claims: Any) -> str:
        """The person agrees at `location`; returns the code. Alice, with `claims` on top; None removes one.

        `id_token` makes the whole token instead, from the nonce that was asked for.
        """
        asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        code = secrets.token_urlsafe(16)
        self._consents[code] = Consent(
            asked["client_id"],
            asked["redirect_uri"],
            asked["code_challenge"],
            asked["scope"],
            asked["nonce"],
            id_token or (lambda nonce: self.id_token(nonce, claims)),
        )
        return code

    def id_token(
        self,
        nonce: str,
        claims: Mapping[str, Any] | None = None,
        header: Mapping[str, Any] | None = None,
        key: object = GOOGLE_KEY,
    ) -> str:
        """An id_token for Alice with these claims and headers on top; None removes one."""
        usual = {
            "iss": self.issuer,
            "aud": self.client_id,
            "azp": self.client_id,
            "nonce": nonce,
            "iat": now(),
            "exp": now() + 3600,
            **ALICE,
        }
        return signed(
            {"alg": "RS256", "typ": "JWT", "kid": "google", **(header or {})},
            {**usual, **(claims or {})},
            key,
        )

    async def _discovery(self, _request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "revocation_endpoint": f"{self.issuer}/revoke",
                "jwks_uri": f"{self.issuer}/certs",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            }
        )

    async def _certs(self, _request: Request) -> Response:
        return JSONResponse({"keys": [public_jwk("google", GOOGLE_KEY)]})

    async def _stolen_keys(self, _request: Request) -> Response:
        """What a token's `jku` points at: nobody should ever come here."""
        self.fetched += 1
        return JSONResponse({"keys": []})

    async def _token(self, request: Request) -> Response:
        form = await _form(request)
        if form.get("client_id") != self.client_id or form.get("client_secret") not in self.client_secrets:
            return _refused("invalid_client", 401)
        if form.get("grant_type") == "refresh_token":
            return self._refreshed(form.get("refresh_token", ""))
        consent = self._consents.pop(form.get("code", ""), None)
        if (
            consent is None
            or consent.redirect_uri != form.get("redirect_uri")
            or consent.challenge != challenge_of(form.get("code_verifier", ""))
        ):
            return _refused("invalid_grant", 400)
        refresh_token = secrets.token_urlsafe(24)
        self._refresh_tokens[refresh_token] = consent.scope
        return JSONResponse(
            {
                "access_token": secrets.token_urlsafe(16),
                "token_type": "Bearer",
                "expires_in": 3599,
                "scope": consent.scope,
                "refresh_token": refresh_token,
                "id_token": consent.id_token(consent.nonce),
            }
        )

    def _refreshed(self, refresh_token: str) -> Response:
        if refresh_token not in self._refresh_tokens:
            return _refused("invalid_grant", 400)
        return JSONResponse({"access_token": secrets.token_urlsafe(16), "expires_in": 3599})

    async def _revoke(self, request: Request) -> Response:
        token = (await _form(request)).get("token", "")
        if self._refresh_tokens.pop(token, None) is None:
            return _refused("invalid_token", 400)
        self.revoked.append(token)
        return Response()


async def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode()))


def _refused(error: str, status: int) -> Response:
    return JSONResponse({"error": error}, status)


def parameter(location: str, name: str) -> str:
    """A parameter in the query of an address."""
    return str(httpx.URL(location).params[name])
