"""The function's own account at Google, as the environment provides it, and what fetches its tokens.

google.auth's way to the metadata server, and its transport, import a second HTTP library for a call an hour.
"""

import json
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import urlencode

import httpx
from google.auth.credentials import Credentials
from google.auth.exceptions import GoogleAuthError, RefreshError, TransportError
from google.auth.transport import DEFAULT_RETRYABLE_STATUS_CODES, Request

from shared.errors import Unavailable
from shared.gcp.rest import certificates
from shared.settings import metadata_host

CLOUD = "https://www.googleapis.com/auth/cloud-platform"
_TOKEN_LIMIT = 10.0
"""Seconds for a token, where google.auth names no other."""
ATTEMPTS = 3
_FLAVOR = {"Metadata-Flavor": "Google"}
_METADATA_LIMIT, _WAIT = 3.0, 0.2
"""Seconds for one attempt at the metadata server, which is on this machine, and between them."""


def cloud_credentials() -> Any:
    """The account for all of Google Cloud."""
    return credentials([CLOUD])


def credentials(scopes: Sequence[str]) -> Any:
    """The account for these: the machine's own on Google Cloud, elsewhere what google.auth finds.

    Raises Unavailable where there is none now; whoever asks again may find it.
    """
    if host := metadata_host():
        return MachineAccount(host, scopes)
    import google.auth

    try:
        found, _ = google.auth.default(scopes=scopes)
    except GoogleAuthError as error:
        raise Unavailable("Docent's own Google account cannot be reached.", retry_after=5) from error
    return found


class MachineAccount(Credentials):
    """The account that a function runs as, by the metadata server (Compute Engine's documentation)."""

    def __init__(self, host: str, scopes: Sequence[str]) -> None:
        base: Any = super()
        base.__init__()
        place = "computeMetadata/v1/instance/service-accounts/default/token"
        self._address = f"http://{host}/{place}?{urlencode({'scopes': ','.join(scopes)})}"

    def refresh(self, request: Any) -> None:
        """Fetch a token; three times within ten seconds while the server is not there, or cannot now.

        Raises RefreshError.
        """
        refused: Any = RefreshError
        for attempt in range(ATTEMPTS):
            time.sleep(attempt * _WAIT)
            try:
                answer = request(self._address, headers=_FLAVOR, timeout=_METADATA_LIMIT)
            except TransportError:
                continue
            if answer.status == HTTPStatus.OK and answer.headers.get("metadata-flavor") == "Google":
                told = json.loads(answer.data)
                self.token = told["access_token"]
                # google.auth compares with a time that names no zone
                self.expiry = datetime.now(UTC).replace(tzinfo=None) + timedelta(seconds=told["expires_in"])
                return
            if answer.status not in DEFAULT_RETRYABLE_STATUS_CODES:
                break
        raise refused("The metadata server gives no token.")


class Answer(NamedTuple):
    """google.auth.transport.Response."""

    status: int
    headers: Mapping[str, str]
    data: bytes


class TokenRequest(Request):
    """google.auth.transport.Request: what `credentials.refresh` calls, in a thread."""

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **_options: Any,
    ) -> Answer:
        """The answer. Raises TransportError when there is none.

        Proxies of the environment are not for what is on this machine, or would pass them in clear.
        """
        outward, limit = url.startswith("https:"), timeout or _TOKEN_LIMIT
        try:
            with httpx.Client(verify=certificates(), timeout=limit, trust_env=outward) as http:
                answer = http.request(method, url, content=body, headers=headers, follow_redirects=True)
        except httpx.HTTPError as error:
            away: Any = TransportError
            raise away(f"no token: {type(error).__name__}") from error
        return Answer(answer.status_code, answer.headers, answer.content)
