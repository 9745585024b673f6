"""Reranker on Google's Ranking API (discoveryengine.googleapis.com)."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from shared.errors import Unavailable
from shared.log import get_logger
from shared.models import Passage
from shared.settings import ProjectSettings, RankingSettings

_MOST = 200
"""Records of one request."""

_log = get_logger("gcp.ranking")


class VertexRanking:
    """Reranker. The order of search stands without it, so a failure is noted and not raised."""

    def __init__(
        self, client: Callable[[], Any], project: ProjectSettings, settings: RankingSettings
    ) -> None:
        """`client` makes an API client; each call makes its own, because they are not thread-safe."""
        self._client, self._settings = client, settings
        self._config = (
            f"projects/{project.google_cloud_project}/locations/global/rankingConfigs/default_ranking_config"
        )

    async def scores(self, question: str, passages: Sequence[Passage]) -> Sequence[float] | None:
        """Scores 0 to 1; 0 for what the answer leaves out and beyond 200 passages."""
        if not passages:
            return []
        body = {
            "model": self._settings.model,
            "query": question,
            "records": [
                {"id": str(number), "title": one.context, "content": one.text}
                for number, one in enumerate(passages[:_MOST])
            ],
            "ignoreRecordDetailsInResponse": True,
        }
        try:
            async with asyncio.timeout(self._settings.timeout):
                answer = await asyncio.to_thread(self._rank, body)
        except _failures() as error:
            _log.warning("rerank.failed", error=type(error).__name__)
            return None
        found = {record["id"]: float(record.get("score", 0.0)) for record in answer.get("records", [])}
        return [found.get(str(number), 0.0) for number in range(len(passages))]

    def _rank(self, body: dict[str, Any]) -> dict[str, Any]:
        with self._client() as client:
            configs = client.projects().locations().rankingConfigs()
            asked = configs.rank(rankingConfig=self._config, body=body)
            answer: dict[str, Any] = asked.execute(num_retries=0)
        return answer


def _failures() -> tuple[type[Exception], ...]:
    """What a call may raise: OSError covers a connection that failed and a limit of time that was passed."""
    from http.client import HTTPException

    from google.auth.exceptions import GoogleAuthError
    from googleapiclient.errors import HttpError
    from httplib2 import HttpLib2Error

    return (HttpError, HttpLib2Error, GoogleAuthError, HTTPException, OSError, Unavailable)
