"""The requests of Identity Toolkit, Secure Token and App Check, and those by which a test mints tokens."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from local.clock import machine
from local.firebase.accounts import Accounts
from local.firebase.errors import Refused
from local.firebase.store import Session
from local.firebase.tokens import HOUR, Tokens

MAX_PAGE = 1000
CERTS = "/robot/v1/metadata/x509/securetoken@system.gserviceaccount.com"
JWKS = "/v1/jwks"


class FirebaseRoutes:
    """`project` is the one that an API key stands for, where the path names none."""

    def __init__(self, accounts: Accounts, tokens: Tokens, project: str) -> None:
        self._accounts, self._tokens, self._project = accounts, tokens, project
        self._admin: dict[str, Callable[[str, dict[str, Any]], dict[str, Any]]] = {
            "accounts": self._create,
            "accounts:lookup": self._lookup,
            "accounts:update": self._update,
            "accounts:delete": self._delete,
        }
        self._public: dict[str, Callable[[str, dict[str, Any]], dict[str, Any]]] = {
            "accounts:signUp": self._sign_up,
            "accounts:signInWithPassword": self._sign_in,
            "accounts:lookup": self._me,
        }

    def routes(self) -> list[BaseRoute]:
        """Every path, at Google's own and behind the host name that the emulator variable adds."""
        paths: list[tuple[str, Callable[[Request], Any], list[str]]] = [
            (CERTS, self._certs, ["GET"]),
            (JWKS, self._jwks, ["GET"]),
            ("/v1/projects/{project}/accounts:batchGet", self._batch_get, ["GET"]),
            ("/v1/projects/{project}/apps/{app}:exchangeDebugToken", self._exchange, ["POST"]),
            ("/v1beta/projects/{project}:verifyAppCheckToken", self._verify, ["POST"]),
            ("/v1/projects/{project}/{method}", self._administer, ["POST"]),
            ("/v1/token", self._refresh, ["POST"]),
            ("/v1/{method}", self._call, ["POST"]),
            ("/local/id-token", self._mint, ["POST"]),
            ("/local/app-check-token", self._mint_app_check, ["POST"]),
            ("/local/rotate-keys", self._rotate, ["POST"]),
        ]
        hosts = (
            "",
            "/identitytoolkit.googleapis.com",
            "/securetoken.googleapis.com",
            "/firebaseappcheck.googleapis.com",
        )
        known: list[BaseRoute] = [
            Route(host + path, answer, methods=methods) for host in hosts for path, answer, methods in paths
        ]
        return [*known, Route("/{path:path}", _unknown, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])]

    async def _administer(self, request: Request) -> Response:
        """The methods of a project, which ask for an administrator's credentials."""
        if not request.headers.get("authorization", "").lower().startswith("bearer "):
            raise Refused("Request is missing required authentication credential.", 401)
        method = self._admin.get(request.path_params["method"])
        if method is None:
            return await _unknown(request)
        return JSONResponse(method(request.path_params["project"], await _body(request)))

    async def _call(self, request: Request) -> Response:
        """The methods of a browser, which names its project by an API key."""
        method = self._public.get(request.path_params["method"])
        if method is None:
            return await _unknown(request)
        return JSONResponse(method(self._project, await _body(request)))

    def _create(self, project: str, body: dict[str, Any]) -> dict[str, Any]:
        user = self._accounts.create(project, body)
        return {"localId": user["localId"], "email": user.get("email", "")}

    def _lookup(self, project: str, body: dict[str, Any]) -> dict[str, Any]:
        users = self._accounts.lookup(project, body)
        kind = "identitytoolkit#GetAccountInfoResponse"
        return {"kind": kind, "users": users} if users else {"kind": kind}

    def _update(self, project: str, body: dict[str, Any]) -> dict[str, Any]:
        return {"localId": self._accounts.update(project, body)["localId"]}

    def _delete(self, project: str, body: dict[str, Any]) -> dict[str, Any]:
        self._accounts.delete(project, str(body.get("localId")))
        return {"kind": "identitytoolkit#DeleteAccountResponse"}

    async def _batch_get(self, request: Request) -> Response:
        try:
            count = int(request.query_params.get("maxResults", MAX_PAGE))
        except ValueError:
            raise Refused("INVALID_PAGE_SELECTION") from None
        after = request.query_params.get("nextPageToken", "")
        count = min(max(count, 1), MAX_PAGE)
        users, token = self._accounts.page(request.path_params["project"], after, count)
        return JSONResponse({"users": users, **({"nextPageToken": token} if token else {})})

    def _sign_up(self, project: str, body: dict[str, Any]) -> dict[str, Any]:
        for name in ("email", "password"):
            if not body.get(name):
                raise Refused(f"MISSING_{name.upper()}")
        names = ("email", "password", "displayName")
        wanted: dict[str, Any] = {name: body[name] for name in names if name in body}
        return self._tokens.sign_in(project, self._accounts.create(project, wanted), "password")

    def _sign_in(self, project: str, body: dict[str, Any]) -> dict[str, Any]:
        for name in ("email", "password"):
            if not body.get(name):
                raise Refused(f"MISSING_{name.upper()}")
        user = self._accounts.with_password(project, str(body["email"]), str(body["password"]))
        return self._tokens.sign_in(project, user, "password")

    def _me(self, project: str, body: dict[str, Any]) -> dict[str, Any]:
        return self._lookup(project, {"localId": [self._tokens.subject(project, str(body.get("idToken")))]})

    async def _refresh(self, request: Request) -> Response:
        """POST /v1/token of securetoken.googleapis.com; a form or JSON."""
        if "json" in request.headers.get("content-type", ""):
            form = await _body(request)
        else:
            form = dict(parse_qsl((await request.body()).decode()))
        if form.get("grant_type") != "refresh_token":
            raise Refused("INVALID_GRANT_TYPE")
        return JSONResponse(self._tokens.refresh(str(form.get("refresh_token", ""))))

    async def _certs(self, _: Request) -> Response:
        return _published(self._tokens.id_keys.certificates())

    async def _jwks(self, _: Request) -> Response:
        return _published(self._tokens.app_check_keys.jwks())

    async def _exchange(self, request: Request) -> Response:
        """App Check for a debug token; any is taken, because nothing here registers them."""
        project, app = request.path_params["project"], request.path_params["app"]
        token = self._tokens.app_check_token(project, app)
        return JSONResponse({"token": token, "ttl": f"{HOUR}s"})

    async def _verify(self, request: Request) -> Response:
        token = (await _body(request)).get("app_check_token", "")
        used = self._tokens.consume(request.path_params["project"], str(token))
        return JSONResponse({"alreadyConsumed": True} if used else {})

    async def _mint(self, request: Request) -> Response:
        """Not Google's: an ID token of whoever `email` names, for tests. README.md lists the fields."""
        body = await _body(request)
        project = str(body.get("project") or self._project)
        if not body.get("email"):
            raise Refused("MISSING_EMAIL")
        user = self._accounts.with_email(project, str(body["email"]))
        provider = str(body.get("provider", "google.com"))
        answer = self._tokens.sign_in(project, user, provider)
        session = Session(project, user["localId"], provider, int(body.get("auth_time") or machine.time()))
        claims, life = body.get("claims") or {}, int(body.get("expires_in", HOUR))
        return JSONResponse(answer | {"idToken": self._tokens.id_token(session, user, claims, life)})

    async def _mint_app_check(self, request: Request) -> Response:
        """Not Google's: an App Check token, for tests."""
        body = await _body(request)
        project, app = str(body.get("project") or self._project), str(body.get("app_id", "1:1:web:local"))
        token = self._tokens.app_check_token(project, app, int(body.get("expires_in", HOUR)))
        return JSONResponse({"token": token})

    async def _rotate(self, _: Request) -> Response:
        """Not Google's: sign with new keys from now on."""
        return JSONResponse(
            {"id": self._tokens.id_keys.rotate(), "app_check": self._tokens.app_check_keys.rotate()}
        )


def _published(keys: dict[str, Any]) -> Response:
    return JSONResponse(keys, headers={"Cache-Control": "public, max-age=60, must-revalidate"})


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Refused("Invalid JSON payload received.")
    return body


async def _unknown(request: Request) -> Response:
    raise Refused(f"{request.method} {request.url.path} is not emulated by the local Firebase.", 501)
