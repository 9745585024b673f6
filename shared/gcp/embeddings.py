"""Text to vectors by Google's embedding models."""

import asyncio
import math
from collections.abc import Sequence
from typing import Any

from shared.gcp.gemini import translated_genai
from shared.limits.meter import used
from shared.settings import GenAISettings

Vector = list[float]


class Embeddings:
    """Embedder and QueryEmbedder on google-genai.

    gemini-embedding-001 takes one text a request and gemini-embedding-2 makes one vector of a list, so
    texts go out `embedding_instances` at a time, several requests at once.
    """

    def __init__(self, client: Any, settings: GenAISettings) -> None:
        self._client, self._settings = client, settings
        self._slots = asyncio.Semaphore(settings.embedding_concurrency)

    async def documents(self, texts: Sequence[str]) -> list[Vector]:
        """One unit-length vector a text, in order."""
        size = self._settings.embedding_instances
        batches = [list(texts[start : start + size]) for start in range(0, len(texts), size)]

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


def _unit(vector: Sequence[float]) -> Vector:
    """Shortened vectors of gemini-embedding-001 are not of unit length; ours always are."""
    length = math.sqrt(math.fsum(value * value for value in vector)) or 1.0
    return [value / length for value in vector]
