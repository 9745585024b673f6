"""An embedding model that costs nothing, so that everything around a model can be timed.

It has the form of the local cloud's model (local/vertex/batching.py), and gives a text 384 numbers that
hang on its hash: the same text the same vector, in whatever process.
"""

import hashlib
from collections.abc import Sequence

import numpy as np

from local.vertex.encoder import DIMENSIONS, Vectors

_TOKEN = 4
"""Characters of a token, about."""


def vector(text: str) -> Vectors:
    """A unit vector of a text's hash."""
    numbers = np.frombuffer(hashlib.shake_256(text.encode()).digest(DIMENSIONS), np.uint8)
    centred = numbers.astype(np.float32) - np.float32(127.5)
    return centred / np.float32(np.linalg.norm(centred))


class FreeEmbedder:
    """In the place of local.vertex.batching.Embedder."""

    def load(self) -> None:
        """Nothing is to be loaded."""

    async def close(self) -> None:
        """Nothing is to be closed."""

    async def encode(self, texts: Sequence[str], limit: int | None = None) -> "list[Text]":
        """Texts that know how many tokens they have."""
        del limit
        return [Text(text) for text in texts]

    async def embed(self, encoded: "Sequence[Text]", *, urgent: bool = False) -> list[Vectors]:
        """The vectors of what `encode` made."""
        del urgent
        return [vector(one.text) for one in encoded]


class Text:
    """A text in the place of an Encoded."""

    def __init__(self, text: str) -> None:
        self.text, self.tokens, self.truncated = text, len(text) // _TOKEN, False
