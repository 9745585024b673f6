"""As whom the connector goes to Drive: the function's service account, or a grant that an admin gave.

A service account sees what was shared with its address and the shared drives it is a member of. An
admin's grant sees what that person sees. Neither needs domain-wide delegation.
"""

import json
import threading
from typing import Any, Protocol

from google.auth.exceptions import GoogleAuthError

from shared.errors import Unavailable
from shared.gcp import clients
from shared.gcp.own_account import TokenRequest, credentials
from shared.settings import DriveSettings, Misconfigured

_SCOPE = "https://www.googleapis.com/auth/drive.readonly"


class Secrets(Protocol):
    """Where the admin's grant is kept."""

    async def text(self, name: str) -> str:
        """The newest version of a secret."""
        ...


class Connector:
    """The connector's credentials, and Drive clients that carry them."""

    def __init__(self, settings: DriveSettings, secrets: Secrets | None = None) -> None:
        self._settings, self._secrets = settings, secrets
        self._credentials: Any = None
        self._lock = threading.Lock()

    async def ready(self) -> None:
        """Have the credentials at hand. Raises Misconfigured, Unavailable."""
        if self._credentials is not None:
            return
        if not self._settings.drive_connector_secret:
            self._credentials = credentials([_SCOPE])
            return
        if self._secrets is None:
            raise Misconfigured("DRIVE_CONNECTOR_SECRET is set where no secrets can be read.")
        self._credentials = _granted(await self._secrets.text(self._settings.drive_connector_secret))

    def drive(self) -> Any:
        """A client of Drive v3, for all threads."""
        return clients.drive(self._settings, self._credentials)

    def token(self, refused: str = "") -> str:
        """An access token that is good now, and not the one that was `refused`. Raises Unavailable."""
        with self._lock:
            if not self._credentials.valid or self._credentials.token == refused:
                try:
                    self._credentials.refresh(TokenRequest())
                except GoogleAuthError as error:
                    raise Unavailable(
                        "Docent's account cannot get into Drive now.", retry_after=30
                    ) from error
            return str(self._credentials.token)


def _granted(text: str) -> Any:
    """Credentials from an authorized-user file: client_id, client_secret, refresh_token."""
    from google.oauth2.credentials import Credentials

    try:
        given = json.loads(text)
        make: Any = Credentials
        return make(
            None,
            refresh_token=given["refresh_token"],
            client_id=given["client_id"],
            client_secret=given["client_secret"],
            token_uri=given.get("token_uri", "https://oauth2.googleapis.com/token"),
            scopes=[_SCOPE],
        )
    except (ValueError, KeyError, TypeError):
        raise Misconfigured(
            "The secret of DRIVE_CONNECTOR_SECRET must be JSON with client_id, client_secret, refresh_token."
        ) from None
