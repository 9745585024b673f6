"""Text to vectors by Google's embedding models."""

import asyncio
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from shared.errors import Upstream
from shared.gcp.vertex_models import VertexModels
from shared.limits.meter import used
from shared.settings import GenAISettings

Vector = list[float]
_REQUEST_TOKENS, _TEXT_TOKENS = 20_000, 2_048
"""What a request may have in all, and what of a text is read: Vertex AI's limits for :predict."""


_ROUNDING = 1e-6
"""How far from 1 the length of a vector may be that was made of unit length in 32 bits."""


class Embedded(NamedTuple):
    """A vector as it came, and the tokens of its text."""

    values: Sequence[float]
    tokens: float


class Embeddings:
    """Embedder and QueryEmbedder.

    gemini-embedding-001 takes one text a request and gemini-embedding-2 makes one vector of a list;
    text-embedding-005 takes 250. So texts go out `embedding_instances` at a time, several requests at once.
    """

    def __init__(self, models: VertexModels, settings: GenAISettings) -> None:
        self._models, self._settings = models, settings
        self._slots = asyncio.Semaphore(settings.embedding_concurrency)

    async def documents(self, texts: Sequence[str]) -> list[Vector]:
        """One unit-length vector a text, in order."""
        batches = list(_batches(texts, self._settings.embedding_instances))

        async def embed(batch: list[str]) -> list[Vector]:
            async with self._slots:
                return await self._embed(batch, "RETRIEVAL_DOCUMENT")

        vectors = await asyncio.gather(*(embed(batch) for batch in batches))
        return [vector for batch in vectors for vector in batch]

    async def query(self, text: str) -> Vector:
        """The vector of a question, unit length."""
        return (await self._embed([text], "RETRIEVAL_QUERY"))[0]

    async def _embed(self, texts: list[str], task: str) -> list[Vector]:
        found = await embedded(self._models, self._settings, texts, task)
        tokens = round(sum(one.tokens for one in found))
        used(self._settings.embedding_model, token=tokens, character=sum(map(len, texts)), call=1)
        return [_unit(one.values) for one in found]


async def embedded(
    models: VertexModels, settings: GenAISettings, texts: Sequence[str], task: str
) -> list[Embedded]:
    """The vectors of these texts by one request, as they come. Raises what VertexModels raises."""
    model, length = settings.embedding_model, settings.embedding_dimensions
    if model.startswith("gemini-") and model != "gemini-embedding-001":
        return await _content(models, model, texts, {"taskType": task, "outputDimensionality": length})
    instances = [{"content": text, "task_type": task} for text in texts]
    body = {"instances": instances, "parameters": {"outputDimensionality": length}}
    answer = await models.ask(model, "predict", body)
    found = [one["embeddings"] for one in answer["predictions"]]
    return [Embedded(one["values"], (one.get("statistics") or {}).get("token_count") or 0) for one in found]


async def _content(
    models: VertexModels, model: str, texts: Sequence[str], config: Mapping[str, Any]
) -> list[Embedded]:
    """By :embedContent, which newer models are asked by, one text a request."""
    if len(texts) != 1:
        raise Upstream("The model embeds one text a request.")
    content = {"role": "user", "parts": [{"text": texts[0]}]}
    answer = await models.ask(model, "embedContent", {"content": content, "embedContentConfig": config})
    tokens = (answer.get("usageMetadata") or {}).get("promptTokenCount") or 0
    return [Embedded(answer["embedding"]["values"], tokens)]


def _batches(texts: Sequence[str], instances: int) -> Iterator[list[str]]:
    """So many texts a request, and no more tokens than a request may have, however they are written."""
    batch: list[str] = []
    tokens = 0
    for text in texts:
        more = min(_TEXT_TOKENS, _most_tokens(text))
        if batch and (len(batch) == instances or tokens + more > _REQUEST_TOKENS):
            yield batch
            batch, tokens = [], 0
        batch.append(text)
        tokens += more
    if batch:
        yield batch


def _most_tokens(text: str) -> int:
    """More than any text has: one for two letters of English, more than one for a sign of Chinese."""
    return len(text) // 2 + 1 if text.isascii() else 2 * len(text)


def _unit(vector: Sequence[float]) -> Vector:
    """Shortened vectors of gemini-embedding-001 are not of unit length; ours always are."""
    length = math.hypot(*vector) or 1.0
    if abs(length - 1.0) < _ROUNDING:
        return list(vector)
    return [value / length for value in vector]
