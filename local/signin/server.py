"""The sign-in stand-in: OpenID provider, metadata server and IAM credentials on one loopback port."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Scope

from local.control.faults import Control
from local.control.http import ControlMiddleware
from local.keys import SigningKeys
from local.signin.authorize import authorize
from local.signin.context import ACCESS_SECONDS, Context, context_of, read_clients
from local.signin.errors import error_body
from local.signin.metadata import credentials, metadata, ping
from local.signin.people import DEFAULT_SERVICE_ACCOUNT, addresses, directory
from local.signin.store import SigninStore
from local.signin.tokens import revoke, token, tokeninfo, userinfo
from local.standin import LOOPBACK, HttpServer, Options


async def discovery(request: Request) -> Response:
    """GET /.well-known/openid-configuration (OpenID Connect Discovery 1.0), with Google's values."""
    issuer = context_of(request).issuer
    return JSONResponse(
        {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "userinfo_endpoint": f"{issuer}/userinfo",
            "revocation_endpoint": f"{issuer}/revoke",
            "jwks_uri": f"{issuer}/certs",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "email", "profile"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "claims_supported": [
                "aud",
                "azp",
                "email",
                "email_verified",
                "exp",
                "hd",
                "iat",
                "iss",
                "name",
                "nonce",
                "sub",
            ],
            "code_challenge_methods_supported": ["plain", "S256"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
        },
        headers={"Cache-Control": "public, max-age=3600"},
    )


async def certs(request: Request) -> Response:
    """GET /certs: the keys as JWKS, or as certificates on Google's older path."""
    keys = context_of(request).keys
    body = keys.certificates() if request.url.path.endswith("/v1/certs") else keys.jwks()
    return JSONResponse(body, headers={"Cache-Control": "public, max-age=60, must-revalidate"})


async def rotate(request: Request) -> Response:
    """POST /local/rotate-keys: sign with a new key from now on. Not Google's; for tests."""
    return JSONResponse({"kid": context_of(request).keys.rotate()})


ROUTES = [
    Route("/.well-known/openid-configuration", discovery),
    Route("/authorize", authorize, methods=["GET", "POST"]),
    Route("/o/oauth2/v2/auth", authorize, methods=["GET", "POST"]),
    Route("/token", token, methods=["POST"]),
    Route("/revoke", revoke, methods=["POST"]),
    Route("/certs", certs),
    Route("/oauth2/v3/certs", certs),
    Route("/oauth2/v1/certs", certs),
    Route("/userinfo", userinfo, methods=["GET", "POST"]),
    Route("/tokeninfo", tokeninfo, methods=["GET", "POST"]),
    Route("/local/rotate-keys", rotate, methods=["POST"]),
    Route("/v1/projects/-/serviceAccounts/{name}", credentials, methods=["POST"]),
    Route("/computeMetadata/v1/{path:path}", metadata),
    Route("/", ping),
]


def method_name(scope: Scope) -> str:
    """The name under which a request is counted and faults are armed."""
    path = str(scope["path"]).strip("/")
    if path.startswith("computeMetadata/"):
        last = path.rsplit("/", 1)[-1]
        return f"metadata.{last}" if last in {"token", "identity"} else "metadata.get"
    if "serviceAccounts/" in path:
        return "iam." + path.rpartition(":")[2]
    if path == ".well-known/openid-configuration":
        return "discovery"
    return {"": "metadata.ping", "o/oauth2/v2/auth": "authorize"}.get(path, path.rsplit("/", 1)[-1])


_FILE = "signin.sqlite"


class SigninServer:
    """Google sign-in on the loopback.

    Settings: `clients` (JSON list of {client_id, client_secret, redirect_uris}), `people` (JSON, see
    people.directory), `service_account`, `project`, `access_token_seconds`. `Options.drive` names the people.
    """

    def __init__(self, options: Options) -> None:
        settings = options.settings
        self.control = Control("signin")
        self._store = SigninStore(options.state / _FILE if options.state else None)
        self.context = Context(
            people=directory(addresses(options.drive), settings.get("people", "")),
            clients=read_clients(settings.get("clients", "")),
            service_account=settings.get("service_account") or DEFAULT_SERVICE_ACCOUNT,
            project=settings.get("project") or "docent-local",
            store=self._store,
            keys=SigningKeys(self._store),
            access_seconds=int(settings.get("access_token_seconds") or ACCESS_SECONDS),
        )
        app = Starlette(routes=ROUTES)
        app.state.context = self.context
        guarded = ControlMiddleware(app, self.control, method_name, error_body)
        self._server, self._port = HttpServer(guarded, options.port), 0

    async def start(self) -> int:
        """Listen; returns the port. Raises OSError when the port is taken."""
        self._port = await self._server.start()
        self.context.issuer = f"http://{LOOPBACK}:{self._port}"
        return self._port

    async def stop(self) -> None:
        """Stop listening and close the store."""
        await self._server.stop()
        self._store.close()

    async def save(self, folder: Path) -> None:
        """Copy keys, codes, grants and tokens into a folder."""
        self._store.save(folder / _FILE)

    async def restore(self, folder: Path | None) -> None:
        """Go back to what save() copied; None: no grant and no token is left, the signing keys stay."""
        self._store.restore(folder and folder / _FILE)
        self.context.keys.load()

    def exports(self) -> dict[str, str]:
        """The environment for real clients.

        google.auth.default() pings GCE_METADATA_IP and then asks GCE_METADATA_HOST; both are read when
        google.auth is first imported. NO_GCE_CHECK must not be "true", and GCE_METADATA_MTLS_MODE must not be
        "strict", for a host that is not Google's own. One retry is enough on the loopback.
        """
        address = f"{LOOPBACK}:{self._port}"
        return {
            "GOOGLE_ISSUER": f"http://{address}",
            "GCE_METADATA_HOST": address,
            "GCE_METADATA_IP": address,
            "GCE_METADATA_DETECT_RETRIES": "1",
            "GCE_METADATA_MTLS_MODE": "none",
            "NO_GCE_CHECK": "false",
            "IAM_CREDENTIALS_URL": f"http://{address}/",
        }
