"""The Compute Engine metadata server, as far as google-auth asks it, and the IAM Credentials API."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from local.signin.context import Context, context_of
from local.signin.errors import error_answer
from local.signin.people import account_number

FLAVOR = {"Metadata-Flavor": "Google", "Server": "Metadata Server for VM"}
LIFETIME_SECONDS = 3600
"""The longest life that generateAccessToken gives by default."""
CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform"


def _text(value: str) -> Response:
    return PlainTextResponse(value, media_type="application/text", headers=FLAVOR)


def _json(value: object) -> Response:
    return JSONResponse(value, headers=FLAVOR)


def _refused(status: int, text: str) -> Response:
    return PlainTextResponse(text, status, FLAVOR)


def _account(context: Context) -> dict[str, Any]:
    email = context.service_account
    return {"aliases": ["default"], "email": email, "scopes": [CLOUD_PLATFORM]}


def _token(context: Context, request: Request) -> Response:
    """An access token; requested scopes are honoured, as on Cloud Run."""
    scopes = request.query_params.get("scopes", "").replace(",", " ").split() or [CLOUD_PLATFORM]
    email = context.service_account
    access = context.access_token(email, account_number(email), " ".join(scopes))
    return _json({"access_token": access, "expires_in": context.access_seconds, "token_type": "Bearer"})


def _identity(context: Context, request: Request) -> Response:
    audience = request.query_params.get("audience", "")
    if not audience:
        return _refused(400, "non-empty audience parameter required")
    return _text(context.service_id_token(context.service_account, audience, with_email=True))


def _account_value(context: Context, request: Request, wanted: str) -> Response:
    if wanted == "token":
        return _token(context, request)
    if wanted == "identity":
        return _identity(context, request)
    account = _account(context)
    if wanted == "":
        if request.query_params.get("recursive", "").lower() == "true":
            return _json(account)
        return _text("aliases\nemail\nidentity\nscopes\ntoken\n")
    if wanted in account:
        value = account[wanted]
        return _text(value if isinstance(value, str) else "\n".join(value))
    return _refused(404, "Not Found")


async def ping(request: Request) -> Response:
    """GET /: how google-auth finds out that a metadata server is there."""
    _ = request
    return _text("computeMetadata/\n")


async def metadata(request: Request) -> Response:
    """GET /computeMetadata/v1/...: needs `Metadata-Flavor: Google`, as the real one does."""
    if request.headers.get("metadata-flavor") != "Google":
        return _refused(403, "Missing Metadata-Flavor:Google header.")
    if "x-forwarded-for" in request.headers:
        return _refused(403, "Requests with X-Forwarded-For are refused.")
    context, path = context_of(request), request.path_params["path"]
    fixed = {
        "project/project-id": context.project,
        "project/numeric-project-id": str(int(account_number(context.project)) % 10**12),
        "universe/universe-domain": "googleapis.com",
        "instance/region": "projects/0/regions/local1",
        "instance/zone": "projects/0/zones/local1-a",
        "instance/id": account_number("instance")[:19],
    }
    if path in fixed:
        return _text(fixed[path])
    match = re.fullmatch(r"instance/service-accounts/([^/]+)/(.*)", path)
    if match and match[1] in {"default", context.service_account}:
        return _account_value(context, request, match[2])
    return _refused(404, "Not Found")


def _seconds(lifetime: object) -> int:
    """A google.protobuf.Duration of at most an hour, in seconds. Raises ValueError."""
    match = re.fullmatch(r"(\d+)(\.\d+)?s", str(lifetime))
    if not match or not 0 < int(match[1]) <= LIFETIME_SECONDS:
        raise ValueError("lifetime must be a Duration between 1s and 3600s")
    return int(match[1])


def _generate_id_token(context: Context, email: str, body: dict[str, Any]) -> Response:
    audience = body.get("audience")
    if not isinstance(audience, str) or not audience:
        return error_answer(400, "Audience is required.")
    with_email = bool(body.get("includeEmail"))
    return JSONResponse({"token": context.service_id_token(email, audience, with_email=with_email)})


def _generate_access_token(context: Context, email: str, body: dict[str, Any]) -> Response:
    scopes = body.get("scope") or []
    if not scopes:
        return error_answer(400, "Scope is required.")
    try:
        seconds = _seconds(body.get("lifetime", "3600s"))
    except ValueError as error:
        return error_answer(400, str(error))
    access = context.access_token(email, account_number(email), " ".join(scopes), seconds=seconds)
    expires = datetime.now(UTC) + timedelta(seconds=seconds)
    return JSONResponse({"accessToken": access, "expireTime": expires.strftime("%Y-%m-%dT%H:%M:%SZ")})


async def credentials(request: Request) -> Response:
    """POST /v1/projects/-/serviceAccounts/{email}:{generateIdToken|generateAccessToken}."""
    if not request.headers.get("authorization"):
        return error_answer(401, "Request is missing required authentication credential.")
    email, _, verb = request.path_params["name"].rpartition(":")
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError:
        return error_answer(400, "Invalid JSON payload received.")
    if not re.fullmatch(r"[^@/]+@[^@/]+", email):
        return error_answer(404, f"Not found; Gaia id not found for email {email}")
    match verb:
        case "generateIdToken":
            return _generate_id_token(context_of(request), email, body)
        case "generateAccessToken":
            return _generate_access_token(context_of(request), email, body)
    return error_answer(501, f"{verb} is not emulated by this stand-in.")
