"""The token, revocation, userinfo and tokeninfo endpoints."""

import base64
import binascii
import hashlib
import hmac
from typing import Any
from urllib.parse import parse_qsl, unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from local.clock import machine
from local.signin.context import Client, Context, context_of
from local.signin.store import Code, Token

NO_STORE = {"Cache-Control": "no-cache, no-store, max-age=0, must-revalidate", "Pragma": "no-cache"}


class TokenError(Exception):
    """An OAuth error answer (RFC 6749 5.2), with Google's descriptions."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(error)
        self.error, self.description, self.status = error, description, status

    def answer(self) -> Response:
        """The answer as Google shapes it."""
        body = {"error": self.error, "error_description": self.description}
        return JSONResponse(body, self.status, NO_STORE)


async def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))


def _client(context: Context, request: Request, form: dict[str, str]) -> Client:
    """The client that calls, by HTTP Basic or by the form. Raises TokenError."""
    client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            client_id, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise TokenError("invalid_client", "Unauthorized", 401) from None
        client_id, secret = unquote(client_id), unquote(secret)
    client = context.clients.get(client_id)
    if client is None:
        raise TokenError("invalid_client", "The OAuth client was not found.", 401)
    if not secret:
        raise TokenError("invalid_request", "client_secret is missing.")
    if not hmac.compare_digest(client.client_secret.encode(), secret.encode()):
        raise TokenError("invalid_client", "Unauthorized", 401)
    return client


def _verify_pkce(code: Code, verifier: str) -> None:
    """RFC 7636 4.6. Raises TokenError."""
    if not code.challenge:
        if verifier:
            raise TokenError("invalid_grant", "code_verifier or verifier is not needed.")
        return
    if not verifier:
        raise TokenError("invalid_grant", "Missing code verifier.")
    made = verifier
    if code.method == "S256":
        digest = hashlib.sha256(verifier.encode()).digest()
        made = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    if not hmac.compare_digest(made.encode(), code.challenge.encode()):
        raise TokenError("invalid_grant", "Invalid code verifier.")


def _redeem(context: Context, client: Client, form: dict[str, str]) -> dict[str, Any]:
    """authorization_code: each code once; a second use also ends what the first one was given."""
    secret = form.get("code", "")
    code = context.store.code(secret)
    if code is None or code.client_id != client.client_id:
        raise TokenError("invalid_grant", "Malformed auth code.")
    if code.grant_id:
        context.store.end_grant(code.grant_id)
        raise TokenError("invalid_grant", "Bad Request")
    if code.expires < machine.time():
        raise TokenError("invalid_grant", "Bad Request")
    if form.get("redirect_uri") != code.redirect_uri:
        raise TokenError("redirect_uri_mismatch", "Bad Request")
    _verify_pkce(code, form.get("code_verifier", ""))
    grant = context.store.redeem(secret)
    if grant is None:
        raise TokenError("invalid_grant", "Bad Request")
    refresh = {}
    if code.offline:
        token = Token("refresh", grant, client.client_id, code.email, code.scope, 0)
        refresh = {"refresh_token": context.store.add_token(token)}
    return _answer(context, client, code.email, code.scope, grant=grant, nonce=code.nonce) | refresh


def _refresh(context: Context, client: Client, form: dict[str, str]) -> dict[str, Any]:
    """refresh_token: a new access token under the same grant; Google does not rotate the refresh token."""
    token = context.store.token(form.get("refresh_token", ""), "refresh")
    if token is None or token.client_id != client.client_id or token.email not in context.people:
        raise TokenError("invalid_grant", "Token has been expired or revoked.")
    held = token.scope.split()
    wanted = form.get("scope", "").split() or held
    if not set(wanted) <= set(held):
        raise TokenError("invalid_scope", "Some requested scopes were not granted.")
    return _answer(context, client, token.email, " ".join(wanted), grant=token.grant_id)


def _answer(
    context: Context, client: Client, email: str, scope: str, *, grant: str, nonce: str = ""
) -> dict[str, Any]:
    person = context.people.get(email)
    if person is None:
        raise TokenError("invalid_grant", "Account not found.")
    access = context.access_token(email, client.client_id, scope, grant_id=grant)
    answer: dict[str, Any] = {"access_token": access, "expires_in": context.access_seconds}
    answer |= {"scope": scope, "token_type": "Bearer"}
    if "openid" in scope.split():
        answer["id_token"] = context.id_token(person, client.client_id, scope, nonce)
    return answer


def _granted(context: Context, client: Client, form: dict[str, str]) -> dict[str, Any]:
    kind = form.get("grant_type", "")
    grants = {"authorization_code": _redeem, "refresh_token": _refresh}
    if kind not in grants:
        raise TokenError("unsupported_grant_type", f"Invalid grant_type: {kind}")
    return grants[kind](context, client, form)


async def token(request: Request) -> Response:
    """POST /token: authorization_code and refresh_token."""
    context, form = context_of(request), await _form(request)
    try:
        client = _client(context, request, form)
        return JSONResponse(_granted(context, client, form), headers=NO_STORE)
    except TokenError as error:
        return error.answer()


async def revoke(request: Request) -> Response:
    """POST /revoke?token=: ends the whole grant of an access or refresh token, at once."""
    secret = request.query_params.get("token") or (await _form(request)).get("token", "")
    if not context_of(request).store.revoke(secret):
        return TokenError("invalid_token", "Token expired or revoked").answer()
    return JSONResponse({})


def _bearer(request: Request) -> Token | None:
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer":
        value = request.query_params.get("access_token", "")
    return context_of(request).store.token(value, "access")


async def userinfo(request: Request) -> Response:
    """GET /userinfo: the claims about the person whose access token this is."""
    found = _bearer(request)
    person = context_of(request).people.get(found.email) if found else None
    if found is None or person is None:
        body = {"error": "invalid_request", "error_description": "Invalid Credentials"}
        return JSONResponse(body, 401, {"WWW-Authenticate": 'Bearer realm="https://accounts.google.com/"'})
    claims: dict[str, Any] = {"sub": person.sub}
    scopes = found.scope.split()
    if "profile" in scopes:
        claims |= {"name": person.name, "given_name": person.name.split(" ")[0]}
    if "email" in scopes:
        claims |= {"email": person.email, "email_verified": person.email_verified}
    return JSONResponse(claims | ({"hd": person.hd} if person.hd else {}), headers=NO_STORE)


async def tokeninfo(request: Request) -> Response:
    """GET /tokeninfo?access_token=: whose token it is and what it may do; 400 when it is dead."""
    context = context_of(request)
    found = context.store.token(request.query_params.get("access_token", ""), "access")
    if found is None:
        return TokenError("invalid_token", "Invalid Value").answer()
    person = context.people.get(found.email)
    return JSONResponse(
        {
            "azp": found.client_id,
            "aud": found.client_id,
            "sub": person.sub if person else found.client_id,
            "scope": found.scope,
            "exp": str(int(found.expires)),
            "expires_in": str(max(0, int(found.expires - machine.time()))),
            "email": found.email,
            "email_verified": str(person.email_verified if person else True).lower(),
            "access_type": "online",
        },
        headers=NO_STORE,
    )
