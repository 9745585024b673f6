"""The Ranking API stand-in: rankingConfigs.rank of discoveryengine v1."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Scope

from local.control.faults import Control
from local.control.http import ControlMiddleware
from local.httperrors import ApiError, injected_body, invalid, json_object, refused
from local.ranking.scoring import Record, Scorer, rounded
from local.standin import LOOPBACK, HttpServer, Options

CONFIG = re.compile(r"/v1/projects/[^/]+/locations/(global|us|eu)/rankingConfigs/([^/:]+):rank")
MODELS = {
    "semantic-ranker-512@latest": 512,
    "semantic-ranker-512-003": 512,
    "semantic-ranker-default@latest": 1024,
    "semantic-ranker-default-003": 1024,
    "semantic-ranker-default-004": 1024,
    "semantic-ranker-fast@latest": 1024,
    "semantic-ranker-fast-004": 1024,
}
"""The models, and how many tokens of a record each reads."""
DEFAULT_MODEL = "semantic-ranker-512@latest"
MAX_RECORDS = 200
MAX_BODY = 32 * 1024 * 1024


def method_name(scope: Scope) -> str:
    """The name under which a request is counted and faults are armed."""
    return "rank" if scope["path"].endswith(":rank") else "unknown"


class RankingServer:
    """The Ranking API on the loopback, any project.

    Settings: `vertex`, the address of the Vertex AI stand-in; with it embeddings are half of a score.
    """

    def __init__(self, options: Options) -> None:
        self.control = Control("ranking")
        self._scorer = Scorer(options.settings.get("vertex", ""))
        everything = ["GET", "POST", "PUT", "PATCH", "DELETE"]
        app = Starlette(
            routes=[Route("/{path:path}", self._answer, methods=everything)],
            exception_handlers={ApiError: refused},
        )
        guarded = ControlMiddleware(app, self.control, method_name, injected_body)
        self._server, self._port = HttpServer(guarded, options.port), 0

    async def start(self) -> int:
        """Listen; returns the port. Raises OSError when the port is taken."""
        self._port = await self._server.start()
        return self._port

    async def stop(self) -> None:
        """Stop listening; nothing is stored."""
        await self._server.stop()
        await self._scorer.close()

    async def save(self, folder: Path) -> None:
        """Nothing is stored, so nothing is copied."""

    async def restore(self, folder: Path | None) -> None:
        """Nothing is stored, so nothing is to be undone."""

    def exports(self) -> dict[str, str]:
        """The address for googleapiclient's `client_options={"api_endpoint": ...}`."""
        return {"RANKING_URL": f"http://{LOOPBACK}:{self._port}/"}

    async def _answer(self, request: Request) -> Response:
        path = request.url.path
        match = CONFIG.fullmatch(path)
        if match is None or request.method != "POST":
            raise ApiError(501, f"{request.method} {path} is not emulated by the local Ranking API.")
        if match[2] != "default_ranking_config":
            raise ApiError(404, f"Ranking config {match[2]} was not found.")
        return JSONResponse(await self._rank(await json_object(request, MAX_BODY)))

    async def _rank(self, body: Mapping[str, Any]) -> dict[str, Any]:
        query, model = body.get("query"), body.get("model") or DEFAULT_MODEL
        if not isinstance(query, str) or not query.strip():
            raise invalid("The query must not be empty.")
        if model not in MODELS:
            raise invalid(f"The model {model} is not supported. Known models: {', '.join(MODELS)}.")
        records = _records(body.get("records"))
        top, bare = body.get("topN", 0), body.get("ignoreRecordDetailsInResponse", False)
        if not isinstance(top, int) or not isinstance(bare, bool):
            raise invalid("Invalid value at 'top_n' or 'ignore_record_details_in_response'.")
        scores = await self._scorer.scores(query, [record.text(MODELS[model]) for record in records])
        ranked = sorted(zip(records, scores, strict=True), key=lambda pair: -pair[1])
        kept = ranked[:top] if top > 0 else ranked
        return {"records": [_shown(record, score, bare=bare) for record, score in kept]}


def _records(given: Any) -> list[Record]:
    """The records of a request. Raises ApiError 400 for none, too many, or one without text."""
    if not isinstance(given, list) or not given:
        raise invalid("At least one record is required.")
    if len(given) > MAX_RECORDS:
        raise invalid(f"The number of records is {len(given)}; at most {MAX_RECORDS} are allowed.")
    read = []
    for each in given:
        texts = (
            [each.get(name) or "" for name in ("id", "title", "content")] if isinstance(each, dict) else [0]
        )
        if not all(isinstance(text, str) for text in texts):
            raise invalid("Invalid value at 'records': id, title and content are strings.")
        record = Record(*texts)
        if not record.title and not record.content:
            raise invalid("At least one of title or content must be set on each record.")
        read.append(record)
    return read


def _shown(record: Record, score: float, *, bare: bool) -> dict[str, Any]:
    details = {} if bare else {"title": record.title, "content": record.content}
    named = {"id": record.id, **details}
    return {name: text for name, text in named.items() if text} | {"score": rounded(score)}
