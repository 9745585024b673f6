"""How well a record answers a query, between 0 and 1.

Words in common, weighted by their rarity among the records of the request; with the Vertex AI stand-in also
the cosine of the embeddings, half and half. README.md says how the real model differs.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import httpx

from local.httperrors import ApiError
from local.outgoing import http_client
from local.vertex.terms import terms

EMBEDDING_MODEL = "text-embedding-005"
PER_REQUEST = 40
"""Texts embedded at a time: well under the model's 20,000 tokens a request."""
EMBED_SECONDS = 60.0
FLOOR = 0.00001
"""What is shown instead of 0, which would be left out of the answer (comment of RankingRecord.score)."""


@dataclass(frozen=True)
class Record:
    """What is ranked."""

    id: str
    title: str
    content: str

    def text(self, words: int) -> str:
        """Title and content, cut after so many words, as the model cuts after so many tokens."""
        return " ".join(f"{self.title}\n{self.content}".split(" ")[:words])


def lexical(query: str, texts: Sequence[str]) -> list[float]:
    """The share of the query's words that each text has; a rare word weighs more: ln(1 + N / (n + 1/2))."""
    asked, found = terms(query), [terms(text) for text in texts]
    counts = Counter(term for each in found for term in each & asked)
    weights = {term: math.log(1 + len(texts) / (counts[term] + 0.5)) for term in asked}
    total = sum(weights.values())
    return [sum(weights[term] for term in each & asked) / total if total else 0.0 for each in found]


def rounded(score: float) -> float:
    """To four decimals, never 0."""
    return max(round(min(score, 1.0), 4), FLOOR)


class Scorer:
    """Scores records; `vertex` is the address of the Vertex AI stand-in, empty for words alone."""

    def __init__(self, vertex: str) -> None:
        self._vertex = vertex.rstrip("/")
        self._client: httpx.AsyncClient | None = None

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        """One score per text. Raises ApiError 503 when the Vertex AI stand-in does not answer."""
        words = lexical(query, texts)
        if not self._vertex:
            return words
        (asked,) = await self._embed([query], "RETRIEVAL_QUERY")
        found: list[list[float]] = []
        for start in range(0, len(texts), PER_REQUEST):
            found += await self._embed(texts[start : start + PER_REQUEST], "RETRIEVAL_DOCUMENT")
        return [
            (word + max(0.0, cosine(asked, vector))) / 2 for word, vector in zip(words, found, strict=True)
        ]

    async def _embed(self, texts: Sequence[str], task: str) -> list[list[float]]:
        self._client = self._client or http_client()
        path = f"/v1/projects/local/locations/global/publishers/google/models/{EMBEDDING_MODEL}:predict"
        body = {"instances": [{"content": text, "task_type": task} for text in texts]}
        try:
            answer = await self._client.post(self._vertex + path, json=body, timeout=EMBED_SECONDS)
            answer.raise_for_status()
        except httpx.HTTPError as error:
            raise ApiError(503, f"The local embeddings failed: {type(error).__name__}.") from error
        return [one["embeddings"]["values"] for one in answer.json()["predictions"]]


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    """Of the angle between two vectors; 0 when one has no length."""
    length = math.hypot(*one) * math.hypot(*other)
    return sum(x * y for x, y in zip(one, other, strict=True)) / length if length else 0.0
