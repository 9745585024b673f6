"""GroundingChecker on Google's check-grounding API (discoveryengine.googleapis.com)."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from shared.errors import Unavailable
from shared.log import get_logger
from shared.models import Passage
from shared.settings import AnswerSettings, ProjectSettings

_MOST = 200
"""Facts of one request."""
_LENGTH = 10_000
"""Characters of one fact."""

_log = get_logger("gcp.grounding")


class CheckGrounding:
    """GroundingChecker. Our own check stands without it, so a failure is noted and not raised.

    One call a sentence: https://cloud.google.com/generative-ai-app-builder/docs/check-grounding. A claim
    counts as grounded when it needs no grounding or cites a fact.
    """

    def __init__(self, client: Callable[[], Any], project: ProjectSettings, settings: AnswerSettings) -> None:
        """`client` makes an API client; each call makes its own, because they are not thread-safe."""
        self._client, self._settings = client, settings
        name = "default_grounding_config"
        self._config = f"projects/{project.google_cloud_project}/locations/global/groundingConfigs/{name}"

    async def grounded(self, sentence: str, sources: Sequence[Passage]) -> bool | None:
        """Whether every claim of the sentence cites a source."""
        facts = [
            {"factText": one.text[:_LENGTH], "attributes": {"title": one.context[:200]}}
            for one in sources[:_MOST]
        ]
        body = {
            "answerCandidate": sentence,
            "facts": facts,
            "groundingSpec": {"citationThreshold": self._settings.grounding_threshold},
        }
        try:
            async with asyncio.timeout(self._settings.grounding_timeout):
                answer = await asyncio.to_thread(self._check, body)
        except _failures() as error:
            _log.warning("grounding.failed", error=type(error).__name__)
            return None
        claims = answer.get("claims", [])
        return all(one.get("citationIndices") or one.get("groundingCheckRequired") is False for one in claims)

    def _check(self, body: dict[str, Any]) -> dict[str, Any]:
        configs = self._client().projects().locations().groundingConfigs()
        answer: dict[str, Any] = configs.check(groundingConfig=self._config, body=body).execute(num_retries=0)
        return answer


def _failures() -> tuple[type[Exception], ...]:
    """What a call may raise: OSError covers a connection that failed and a limit of time that was passed."""
    from google.auth.exceptions import GoogleAuthError
    from googleapiclient.errors import HttpError
    from httplib2 import HttpLib2Error

    return (HttpError, HttpLib2Error, GoogleAuthError, OSError, Unavailable)
