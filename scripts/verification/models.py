"""What the models take and give: which answer here, texts a request, lengths of vectors, kinds of task."""

import math
from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx

from scripts.verification.deployment import Deployment
from scripts.verification.findings import Finding, assumed, not_seen, otherwise
from shared.errors import AppError, TooMany
from shared.gcp.embeddings import embedded
from shared.gcp.vertex_models import NoSuchModel, VertexModels
from shared.settings import GenAISettings, RankingSettings

OTHERS = (
    "gemini-3.5-flash-lite",
    "gemini-3.6-flash",
    "gemini-3.1-flash-lite",
    "gemini-3.7-flash",
    "gemini-3.8-flash",
)
"""Tried in this order when the configured model does not answer: cheap ones first."""
BATCHES = (8, 2)
"""Texts a request that are tried; eight of the longest are below 20,000 tokens."""
_SAME = 1e-4
_TEXT = "Core hours are from ten to three."


async def generation(there: Deployment) -> AsyncIterator[Finding]:
    """Which model writes answers in this place: a retired one answers 404."""
    settings = GenAISettings()
    about = f"model {settings.model} in {settings.location}"
    first = await _generates(_models(there), settings.model)
    if first == "answers":
        yield assumed(about, "answers", GENAI_MODEL=settings.model, GENAI_LOCATION=settings.location)
        return
    if first != "absent":
        yield not_seen(about, first)
        return
    for name in OTHERS:
        if name != settings.model and await _generates(_models(there), name) == "answers":
            yield otherwise(about, f"is not there; {name} answers", GENAI_MODEL=name, then="")
            return
    then = "Nothing of Gemini's that Docent knows answers here; name another GENAI_LOCATION in `settings`."
    yield otherwise(about, f"is not there, nor is any of {', '.join(OTHERS)}", then)


async def embedding(there: Deployment) -> AsyncIterator[Finding]:
    """How many texts one request takes, and what their vectors are like."""
    settings = GenAISettings()
    about = f"texts a request of {settings.embedding_model}"
    try:
        (document,) = await _embeds(_models(there), settings, [_TEXT], "RETRIEVAL_DOCUMENT")
        (question,) = await _embeds(_models(there), settings, [_TEXT], "RETRIEVAL_QUERY")
    except AppError as error:
        yield not_seen(about, error.detail)
        return
    most = await _most(_models(there), settings)
    saw = f"{most} in one" if most > 1 else "one alone; two are refused"
    yield assumed(about, saw, GENAI_EMBEDDING_INSTANCES=str(most))
    length = math.sqrt(sum(value * value for value in document))
    unit = "unit length" if abs(length - 1) < _SAME else f"length {length:.2f}"
    yield assumed(f"vectors of {len(document)} numbers", f"{unit}; Docent makes them unit length either way")
    if len(document) != settings.embedding_dimensions:
        then = f"{settings.embedding_dimensions} were asked for; the index takes no others."
        yield otherwise("embedding dimensions", f"{len(document)}", then)
    cosine = sum(a * b for a, b in zip(document, question, strict=True)) / (length * _length(question))
    if cosine > 1 - _SAME:
        yield otherwise("task types", "a question and a document get the same vector", "Costs nothing.")
    else:
        yield assumed("task types", f"the same words as question and as document have cosine {cosine:.4f}")


async def ranking(there: Deployment) -> AsyncIterator[Finding]:
    """Where it is switched on: whether the Ranking API takes a passage longer than its model reads."""
    settings = RankingSettings()
    if not settings.enabled:
        return
    path = f"v1/projects/{there.project}/locations/global/rankingConfigs/default_ranking_config:rank"
    record = {"id": "0", "title": "Hours", "content": f"{_TEXT} " * 500}
    body = {"model": settings.model, "query": "When are core hours?", "records": [record]}
    answer = there.cloud.post("discoveryengine", path, body)
    if answer.ok:
        yield assumed("Ranking API", "takes a passage of 4,000 words", RANKING_ENABLED="true")
    elif answer.status in (httpx.codes.BAD_REQUEST, httpx.codes.FORBIDDEN, httpx.codes.NOT_FOUND):
        then = "Search keeps its own order."
        yield otherwise("Ranking API", answer.message, then, RANKING_ENABLED="false")
    else:
        yield not_seen("Ranking API", answer.message)


def _length(vector: Sequence[float]) -> float:
    return math.sqrt(sum(value * value for value in vector)) or 1.0


async def _most(client: VertexModels, settings: GenAISettings) -> int:
    for size in BATCHES:
        try:
            texts = [f"{_TEXT} {number}" for number in range(size)]
            found = await _embeds(client, settings, texts, "RETRIEVAL_DOCUMENT")
        except AppError:
            continue
        if len(found) == size:
            return size
    return 1


async def _generates(client: VertexModels, model: str) -> str:
    contents = [{"role": "user", "parts": [{"text": "1"}]}]
    body = {"contents": contents, "generationConfig": {"maxOutputTokens": 1}}
    try:
        await client.ask(model, "generateContent", body)
    except NoSuchModel:
        return "absent"
    except TooMany:
        return "answers"  # it is there, and busy
    except AppError as error:
        return error.detail
    return "answers"


async def _embeds(client: VertexModels, settings: GenAISettings, texts: list[str], task: str) -> list[Any]:
    return [list(one.values) for one in await embedded(client, settings, texts, task)]


def _models(there: Deployment) -> VertexModels:
    assert there.models is not None  # noqa: S101 - made for every whole deployment
    return there.models
