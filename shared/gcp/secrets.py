"""Secret Manager: the newest version of each secret, remembered for a few minutes.

Its one call is made with messages that are declared here; a test compares them with Google's package.
"""

import time
from collections.abc import Callable
from functools import partial
from math import inf

from shared.errors import NotFound
from shared.gcp.declared import Declared
from shared.gcp.failures import translated
from shared.gcp.grpc_calls import GrpcCalls
from shared.gcp.remembered import Remembered
from shared.identity.interfaces import BadSecret
from shared.settings import SecretsSettings

_SERVICE = "Secret Manager"
MESSAGES = {
    "AccessSecretVersionRequest": {"name": (1, "string")},
    "AccessSecretVersionResponse": {"payload": (2, "SecretPayload")},
    "SecretPayload": {"data": (1, "bytes")},
}
_HOST = "secretmanager.googleapis.com"
METHODS = {"AccessSecretVersion": ("SecretManagerService", "name")}
DECLARED = Declared("google.cloud.secretmanager.v1", MESSAGES)


class SecretManagerSecrets:
    """The Secrets of identity, on Secret Manager's `latest` alias.

    A value is read again after `refresh_after` seconds, so a rotation needs no restart; while Secret
    Manager does not answer, the last value read goes on being used.
    """

    def __init__(
        self, project: str, settings: SecretsSettings, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._project, self._settings, self._monotonic = project, settings, monotonic
        self._calls = GrpcCalls(settings.host or _HOST, DECLARED, METHODS)
        self._secrets: dict[str, Remembered[str]] = {}

    async def text(self, name: str, max_age: float | None = None) -> str:
        """The value of secret `name`, at most `max_age` seconds old (default: `refresh_after`).

        Raises BadSecret when it does not exist or is not text, Unavailable or Timeout when it was never
        read and cannot be now. A call for one secret waits for the one under way.
        """
        secret = self._secret(name)
        if max_age is None or secret.age() < max_age:
            return await secret.value()
        return await secret.fetched_since(secret.now() - max_age)

    def _secret(self, name: str) -> Remembered[str]:
        if name not in self._secrets:
            fetch = partial(self._access, name)
            self._secrets[name] = Remembered(fetch, self._settings.refresh_after, inf, self._monotonic)
        return self._secrets[name]

    async def close(self) -> None:
        """Close the connection."""
        await self._calls.close()

    async def _access(self, name: str) -> str:
        method, path = "AccessSecretVersion", f"projects/{self._project}/secrets/{name}/versions/latest"
        request = DECLARED.message(f"{method}Request")(name=path)
        try:
            async with translated(_SERVICE):
                answer = await self._calls.call(method, request, self._settings.timeout)
        except NotFound:
            raise BadSecret(f"The secret {name} does not exist or has no version.") from None
        try:
            return str(answer.payload.data.decode())
        except UnicodeDecodeError:
            raise BadSecret(f"The secret {name} is not UTF-8 text.") from None
