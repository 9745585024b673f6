"""Secret Manager: the newest version of each secret, remembered for a few minutes."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from shared import log
from shared.errors import AppError, NotFound
from shared.gcp.failures import translated
from shared.identity.interfaces import BadSecret
from shared.settings import SecretsSettings

_SERVICE = "Secret Manager"
_log = log.get_logger("gcp.secrets")


@dataclass(frozen=True)
class _Read:
    text: str
    at: float


class SecretManagerSecrets:
    """The Secrets of identity, on Secret Manager's `latest` alias.

    A value is read again after `refresh_after` seconds, so a rotation needs no restart; while Secret
    Manager does not answer, the last value read goes on being used.
    """

    def __init__(
        self,
        client: Any,
        project: str,
        settings: SecretsSettings,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client, self._project, self._settings = client, project, settings
        self._now = monotonic
        self._reads: dict[str, _Read] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def text(self, name: str, max_age: float | None = None) -> str:
        """The value of secret `name`, at most `max_age` seconds old (default: `refresh_after`).

        Raises BadSecret when it does not exist or is not text, Unavailable or Timeout when it was never
        read and cannot be now. A call for one secret waits for the one under way.
        """
        limit = self._settings.refresh_after if max_age is None else max_age
        if (read := self._fresh(name, limit)) is not None:
            return read.text
        async with self._locks[name]:
            if (read := self._fresh(name, limit)) is not None:
                return read.text
            return await self._renewed(name)

    def _fresh(self, name: str, limit: float) -> _Read | None:
        read = self._reads.get(name)
        return read if read is not None and self._now() - read.at < limit else None

    async def _renewed(self, name: str) -> str:
        earlier = self._reads.get(name)
        try:
            value = await self._access(name)
        except BadSecret:
            raise
        except AppError as error:
            if earlier is None:
                raise
            _log.warning("secret.not_renewed", secret=name, code=error.code)
            value = earlier.text
        self._reads[name] = _Read(value, self._now())
        return value

    async def _access(self, name: str) -> str:
        path = f"projects/{self._project}/secrets/{name}/versions/latest"
        try:
            async with translated(_SERVICE):
                answer = await self._client.access_secret_version(
                    name=path, timeout=self._settings.timeout, retry=None
                )
        except NotFound:
            raise BadSecret(f"The secret {name} does not exist or has no version.") from None
        try:
            return str(answer.payload.data.decode())
        except UnicodeDecodeError:
            raise BadSecret(f"The secret {name} is not UTF-8 text.") from None
