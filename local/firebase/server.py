"""Firebase Authentication and App Check on one loopback port."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.types import Scope

from local.control.faults import Control
from local.control.http import ControlMiddleware
from local.firebase.accounts import Accounts
from local.firebase.errors import Refused, error_body, refused
from local.firebase.routes import CERTS, JWKS, FirebaseRoutes
from local.firebase.store import FirebaseStore
from local.firebase.tokens import Tokens
from local.standin import LOOPBACK, HttpServer, Options

FILE = "firebase.sqlite"
DEFAULT_PROJECT = "docent-local"


def method_name(scope: Scope) -> str:
    """The name under which a request is counted and faults are armed."""
    path = str(scope["path"])
    if path.endswith(CERTS):
        return "certs"
    if path.endswith(JWKS):
        return "jwks"
    last = path.rsplit("/", 1)[-1]
    return {"accounts": "create"}.get(last, last.rpartition(":")[2])


class FirebaseServer:
    """Firebase on the loopback, any project.

    Settings: `project`, the one that API keys stand for; `emulator_host`, "yes" to export
    FIREBASE_AUTH_EMULATOR_HOST too. README.md says what that variable gives up.
    """

    def __init__(self, options: Options) -> None:
        self.control = Control("firebase")
        self._emulator_host = options.settings.get("emulator_host", "").lower() in {"1", "true", "yes"}
        self._store = FirebaseStore(options.state / FILE if options.state else None)
        accounts = Accounts(self._store)
        self._tokens = Tokens(self._store, accounts)
        project = options.settings.get("project") or DEFAULT_PROJECT
        routes = FirebaseRoutes(accounts, self._tokens, project).routes()
        app = Starlette(routes=routes, exception_handlers={Refused: refused})
        guarded = ControlMiddleware(app, self.control, method_name, error_body)
        self._server, self._port = HttpServer(guarded, options.port), 0

    async def start(self) -> int:
        """Listen; returns the port. Raises OSError when the port is taken."""
        self._port = await self._server.start()
        return self._port

    async def stop(self) -> None:
        """Stop listening and close the store."""
        await self._server.stop()
        self._store.close()

    async def save(self, folder: Path) -> None:
        """Copy users, sessions and keys into a folder."""
        self._store.save(folder / FILE)

    async def restore(self, folder: Path | None) -> None:
        """Go back to what save() copied; None: nobody has an account, the signing keys stay."""
        self._store.restore(folder / FILE if folder else None)
        self._tokens.reload()

    def exports(self) -> dict[str, str]:
        """Where certificates, accounts and App Check keys are; none of it switches a check off."""
        address = f"{LOOPBACK}:{self._port}"
        exports = {
            "FIREBASE_CERTS_URL": f"http://{address}{CERTS}",
            "IDENTITY_TOOLKIT_URL": f"http://{address}/v1",
            "APP_CHECK_JWKS_URL": f"http://{address}{JWKS}",
        }
        return exports | ({"FIREBASE_AUTH_EMULATOR_HOST": address} if self._emulator_host else {})
