"""Text to vector: all-MiniLM-L6-v2, int8, in ONNX Runtime on the CPU.

Mean over the word pieces of the last hidden state, then unit length, as the model's card prescribes
(https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2).
"""

import ctypes
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from local.vertex.weights import MODEL, TOKENIZER, WeightsMissing, verified

DIMENSIONS = 384
WINDOW = 254
"""Word pieces in one pass, beside the two special ones: the length the model was made for is 256."""

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class Encoded:
    """A text as windows of token ids, each with its special tokens; `tokens` counts without them."""

    windows: tuple[tuple[int, ...], ...]
    tokens: int
    truncated: bool


class Encoder:
    """The tokenizer and the model, each call on the thread that makes it; calls may run side by side.

    Not for the event loop: every method may take milliseconds to seconds.
    """

    def __init__(self) -> None:
        """Load both files; about 0.5 s and 100 MB. Raises WeightsMissing."""
        import onnxruntime as ort
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(verified(*TOKENIZER)))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = ort.InferenceSession(
            str(verified(*MODEL)), options, providers=["CPUExecutionProvider"]
        )
        self._shrink = ort.RunOptions()
        self._shrink.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        self._start, self._end = (self._special(name) for name in ("[CLS]", "[SEP]"))
        release_memory()

    def token_ids(self, text: str) -> list[int]:
        """The word pieces of a text, without special tokens."""
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def _special(self, name: str) -> int:
        number = self._tokenizer.token_to_id(name)
        if number is None:
            raise WeightsMissing(f"the tokenizer has no {name}")
        return int(number)

    def end_of_token(self, text: str, limit: int) -> int | None:
        """Where in the text its first `limit` word pieces end; None when it has no more than that."""
        offsets = self._tokenizer.encode(text, add_special_tokens=False).offsets
        return int(offsets[limit - 1][1]) if len(offsets) > limit else None

    def encode(self, text: str, limit: int | None = None) -> Encoded:
        """Cut a text into windows of equal length; past `limit` word pieces it is truncated."""
        ids = self.token_ids(text)
        truncated = limit is not None and len(ids) > limit
        ids = ids[:limit]
        count = max(1, -(-len(ids) // WINDOW))
        bounds = [len(ids) * i // count for i in range(count + 1)]
        windows = tuple((self._start, *ids[a:b], self._end) for a, b in pairwise(bounds))
        return Encoded(windows, len(ids), truncated)

    def infer(self, windows: Sequence[Sequence[int]], *, last: bool = False) -> Vectors:
        """One pass over windows: the sum of each window's token vectors, shape (n, 384).

        Sums, not means, so that the windows of a text can be added up. `last` hands memory back.
        """
        longest = max(len(window) for window in windows)
        ids = np.zeros((len(windows), longest), np.int64)
        mask = np.zeros_like(ids)
        for row, window in enumerate(windows):
            ids[row, : len(window)] = window
            mask[row, : len(window)] = 1
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        hidden: Any = self._session.run(None, feed, self._shrink if last else None)[0]
        return np.asarray(np.einsum("bld,bl->bd", hidden, mask.astype(np.float32)), np.float32)


def unit(vector: Vectors) -> Vectors:
    """The vector at length 1; a zero vector stays zero."""
    length = float(np.linalg.norm(vector))
    return vector / np.float32(length) if length > 0 else vector


def release_memory() -> None:
    """Give freed heap back to the system; loading a model leaves about 60 MB of it on glibc."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
