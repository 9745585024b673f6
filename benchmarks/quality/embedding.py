"""The one embedder of all systems: the local cloud's model, with every vector kept on disk."""

import sqlite3
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from local.vertex.encoder import DIMENSIONS, Encoder, unit

Vectors = NDArray[np.float32]

_TOKENS = 800
"""Word pieces of one pass, padding included."""
_TEXTS = 256
"""Texts between two writes to disk: what an interrupted run can lose."""


class CachedEmbedder:
    """Texts to unit vectors; a text is embedded once, whoever asks for it, in whatever run."""

    def __init__(self, cache: Path, threads: int = 2) -> None:
        cache.mkdir(parents=True, exist_ok=True)
        self._store = sqlite3.connect(cache / "embeddings.sqlite", timeout=60)
        self._store.execute("PRAGMA journal_mode=WAL")
        self._store.execute("CREATE TABLE IF NOT EXISTS vectors (hash BLOB PRIMARY KEY, vector BLOB)")
        self._threads = threads
        self._encoder: Encoder | None = None

    def embed(self, texts: Sequence[str], label: str = "") -> Vectors:
        """One row a text, shape (n, 384)."""
        keys = [sha256(text.encode("utf-8", "replace")).digest()[:16] for text in texts]
        known = self._known(set(keys))
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if missing:
            self._compute(missing, known, label)
        if not keys:
            return np.zeros((0, DIMENSIONS), np.float32)
        return np.stack([known[key] for key in keys])

    def _known(self, keys: set[bytes]) -> dict[bytes, Vectors]:
        found: dict[bytes, Vectors] = {}
        ordered = list(keys)
        for start in range(0, len(ordered), 500):
            part = ordered[start : start + 500]
            marks = ",".join("?" * len(part))
            rows = self._store.execute(f"SELECT hash, vector FROM vectors WHERE hash IN ({marks})", part)  # noqa: S608
            found.update((key, np.frombuffer(vector, np.float32)) for key, vector in rows)
        return found

    def _compute(self, missing: dict[bytes, str], known: dict[bytes, Vectors], label: str) -> None:
        self._encoder = self._encoder or Encoder()
        ordered = sorted(missing, key=lambda key: len(missing[key]))
        begun = time.monotonic()
        for start in range(0, len(ordered), _TEXTS):
            part = ordered[start : start + _TEXTS]
            vectors = self._vectors(self._encoder, [missing[key] for key in part])
            rows = [(key, vector.tobytes()) for key, vector in zip(part, vectors, strict=True)]
            with self._store:
                self._store.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)
            known.update(zip(part, vectors, strict=True))
            if sys.stderr.isatty() or start % (8 * _TEXTS) == 0:
                done = start + len(part)
                taken = time.monotonic() - begun
                print(f"  embedding {label}: {done} of {len(ordered)}, {taken:.0f} s", file=sys.stderr)

    def _vectors(self, encoder: Encoder, texts: list[str]) -> list[Vectors]:
        """Windows of all texts by length, in passes of about `_TOKENS`, summed up for each text."""
        windows = [
            (number, window) for number, text in enumerate(texts) for window in encoder.encode(text).windows
        ]
        windows.sort(key=lambda item: len(item[1]))
        passes: list[list[tuple[int, tuple[int, ...]]]] = [[]]
        for item in windows:
            if passes[-1] and (len(passes[-1]) + 1) * len(item[1]) > _TOKENS:
                passes.append([])
            passes[-1].append(item)
        sums = np.zeros((len(texts), DIMENSIONS), np.float32)
        with ThreadPoolExecutor(self._threads) as pool:
            results = pool.map(lambda one: encoder.infer([window for _, window in one]), passes)
            for one, vectors in zip(passes, results, strict=True):
                for (number, _), vector in zip(one, vectors, strict=True):
                    sums[number] += vector
        return [unit(row) for row in sums]
