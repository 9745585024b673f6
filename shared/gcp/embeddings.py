"""Text to vectors by Google's embedding models."""

import asyncio
import math
from collections.abc import Iterator, Sequence
from typing import Any

from shared.gcp.gemini import translated_genai
from shared.limits.meter import used
from shared.settings import GenAISettings

Vector = list[float]
_REQUEST_TOKENS, _TEXT_TOKENS = 20_000, 2_048
"""What a request may have in all, and what of a text is read: Vertex AI's limits for :predict."""


_ROUNDING = 1e-6
"""How far from 1 the length of a vector may be that was made of unit length in 32 bits."""


class Embeddings:
    """Embedder and QueryEmbedder on google-genai.

    gemini-embedding-001 takes one text a request and gemini-embedding-2 makes one vector of a list;
    text-embedding-005 takes 250. So texts go out `embedding_instances` at a time, several requests at once.
    """

    def __init__(self, client: Any, settings: GenAISettings) -> None:
        self._client, self._settings = client, settings
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
        from google.genai import types

        config = types.EmbedContentConfig(
            task_type=task, output_dimensionality=self._settings.embedding_dimensions
        )
        async with translated_genai():
            answer = await self._client.aio.models.embed_content(
                model=self._settings.embedding_model, contents=texts, config=config
            )
        counted = [getattr(one.statistics, "token_count", None) or 0 for one in answer.embeddings]
        used(
            self._settings.embedding_model, token=round(sum(counted)), character=sum(map(len, texts)), call=1
        )
        return [_unit(embedding.values) for embedding in answer.embeddings]


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
