"""The local cloud's models as the product asks them: honest, lying, obedient; no network between."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from benchmarks.quality.embedding import CachedEmbedder, Vectors
from local.vertex.extractive import ExtractiveModel
from local.vertex.prompt import Prompt as LocalPrompt
from local.vertex.prompt import read_prompt
from shared.answers.interfaces import Delta, Prompt

_PIECE = 12
"""Characters of a piece of the stream."""


class _Answering(Protocol):
    async def answer(self, prompt: LocalPrompt) -> str: ...


@dataclass
class _Embedder:
    """The stand-in's embedder, played by the benchmark's, which keeps every vector on disk."""

    embedder: CachedEmbedder

    async def encode(self, texts: Sequence[str], _window: int) -> list[str]:
        return list(texts)

    async def embed(self, texts: Sequence[str], *, urgent: bool = False) -> list[Vectors]:
        del urgent
        return list(self.embedder.embed(texts))


def extractive(embedder: CachedEmbedder) -> ExtractiveModel:
    """The model that quotes."""
    inner: Any = _Embedder(embedder)
    return ExtractiveModel(inner)


def local_prompt(prompt: Prompt) -> LocalPrompt:
    """A prompt as the stand-in reads it from the wire."""
    return read_prompt(
        {
            "contents": [{"role": "user", "parts": [{"text": prompt.user}]}],
            "systemInstruction": {"parts": [{"text": prompt.system}]},
        }
    )


@dataclass
class Streamed:
    """AnswerModel around a local model: its answer in small pieces."""

    model: _Answering

    async def stream(self, prompt: Prompt) -> AsyncIterator[Delta]:
        """As AnswerModel."""
        text = await self.model.answer(local_prompt(prompt))
        for start in range(0, len(text), _PIECE):
            yield Delta(text[start : start + _PIECE])
