"""predict and embedContent: each model's own rules in front of one local model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from local.control.faults import Control
from local.httperrors import invalid
from local.vertex.batching import Embedder
from local.vertex.catalogue import TASK_TYPES, EmbeddingModel
from local.vertex.encoder import Encoded, Vectors
from local.vertex.settings import Settings

Json = Mapping[str, Any]

URGENT_TASKS = frozenset(
    {"RETRIEVAL_QUERY", "QUESTION_ANSWERING", "FACT_VERIFICATION", "CODE_RETRIEVAL_QUERY"}
)


@dataclass(frozen=True)
class _Instance:
    text: str
    task: str


class Embeddings:
    """The embedding methods. `control.calls["texts_embedded"]` counts the texts that reached the model."""

    def __init__(self, embedder: Embedder, control: Control, settings: Settings) -> None:
        self._embedder, self._control, self._settings = embedder, control, settings

    async def predict(self, model: EmbeddingModel, body: Json) -> dict[str, Any]:
        """One vector per instance. Raises ApiError 400 past a limit of the model."""
        instances = [_instance(entry) for entry in _list(body, "instances")]
        parameters = body.get("parameters") or {}
        allowed = self._settings.embed_instances if model.instances == 1 else model.instances
        if not 1 <= len(instances) <= allowed:
            raise invalid(
                f"{len(instances)} instances given; {model.name} accepts between 1 and {allowed} per request."
            )
        dimensions = _dimensions(parameters.get("outputDimensionality"), model)
        truncate = _flag(parameters, "autoTruncate")
        encoded = await self._encode(model, [i.text for i in instances], truncate=truncate)
        total = sum(text.tokens for text in encoded)
        if model.request_tokens is not None and total > model.request_tokens:
            raise invalid(
                f"The input token count is {total} but {model.name} supports up to {model.request_tokens} "
                "per request. Reduce the input token count and try again."
            )
        urgent = any(i.task in URGENT_TASKS for i in instances)
        vectors = await self._vectors(model, encoded, urgent=urgent)
        self._control.billed[f"{model.name}:token"] += total
        return {
            "predictions": [
                {
                    "embeddings": {
                        "values": self._made(vector, dimensions, one.task),
                        "statistics": {"token_count": text.tokens, "truncated": text.truncated},
                    }
                }
                for vector, text, one in zip(vectors, encoded, instances, strict=True)
            ],
            "metadata": {"billableCharacterCount": sum(billable(i.text) for i in instances)},
        }

    async def embed_content(self, model: EmbeddingModel, body: Json) -> dict[str, Any]:
        """One content, one vector, however many parts it has. Raises ApiError 400 past a limit."""
        content = body.get("content")
        if not isinstance(content, Mapping) or not content.get("parts"):
            raise invalid("content: at least one part is required.")
        config = body.get("embedContentConfig") or body
        parts = [_part_text(part) for part in content["parts"]]
        _task(config.get("taskType"))
        dimensions = _dimensions(config.get("outputDimensionality"), model)
        text = "\n".join(filter(None, [str(config.get("title") or ""), *parts]))
        if not text.strip():
            raise invalid("The text content is empty.")
        encoded = await self._encode(model, [text], truncate=_flag(config, "autoTruncate"))
        urgent = config.get("taskType") in URGENT_TASKS
        (vector,) = await self._vectors(model, encoded, urgent=urgent)
        tokens = encoded[0].tokens
        self._control.billed[f"{model.name}:token"] += tokens
        return {
            "embedding": {"values": self._made(vector, dimensions, str(config.get("taskType") or ""))},
            "usageMetadata": {"promptTokenCount": tokens, "totalTokenCount": tokens},
            "truncated": encoded[0].truncated,
        }

    def _made(self, vector: Vectors, dimensions: int, task: str) -> list[float]:
        """The vector as the model gives it, in whichever way it may turn out to (settings.OTHERWISE)."""
        if "task-types-differ" in self._settings.otherwise and task in URGENT_TASKS:
            vector = vector.copy()
            vector[0] += 0.05
        values = sized(vector, dimensions)
        if "cut-vectors-are-unit" in self._settings.otherwise:
            length = sum(value * value for value in values) ** 0.5 or 1.0
            values = [value / length for value in values]
        return values

    async def _encode(self, model: EmbeddingModel, texts: Sequence[str], *, truncate: bool) -> list[Encoded]:
        encoded = await self._embedder.encode(texts, model.text_tokens)
        if not truncate and any(text.truncated for text in encoded):
            raise invalid(
                f"The input text is longer than the {model.text_tokens} tokens that {model.name} supports, "
                "and autoTruncate is false."
            )
        return encoded

    async def _vectors(
        self, model: EmbeddingModel, encoded: Sequence[Encoded], *, urgent: bool
    ) -> list[Vectors]:
        vectors = await self._embedder.embed(encoded, urgent=urgent)
        self._control.calls["texts_embedded"] += len(encoded)
        return [turned(vector, model.space) for vector in vectors]


def turned(vector: Vectors, space: int) -> Vectors:
    """The vector as a model of another space has it: cosines within it stay, across spaces they are chance.

    Half of the signs are changed, by a fixed pattern of the space; space 0 has the vector itself.
    """
    if not space:
        return vector
    signs = np.random.default_rng(space).choice(np.array([-1, 1], np.float32), len(vector))
    turned_over: Vectors = vector * signs
    return turned_over


def sized(vector: Vectors, dimensions: int) -> list[float]:
    """The first `dimensions` numbers, or all of them and zeros behind: zeros leave every cosine as it is."""
    out = np.zeros(dimensions, np.float32)
    kept = min(dimensions, len(vector))
    out[:kept] = vector[:kept]
    numbers: list[float] = out.tolist()
    return numbers


def billable(text: str) -> int:
    """Characters that are not white space, as Google counts them."""
    return sum(not c.isspace() for c in text)


def _list(body: Json, name: str) -> list[Any]:
    value = body.get(name)
    if not isinstance(value, list):
        raise invalid(f"{name}: a list is required.")
    return value


def _instance(entry: Any) -> _Instance:
    """The text of an instance, its title in front, and its task."""
    if not isinstance(entry, Mapping) or not isinstance(entry.get("content"), str):
        raise invalid("instances: each needs a string `content`.")
    task = _task(entry.get("task_type") or entry.get("taskType"))
    title = entry.get("title")
    if title and task != "RETRIEVAL_DOCUMENT":
        raise invalid("`title` is only valid with task_type RETRIEVAL_DOCUMENT.")
    if not entry["content"].strip():
        raise invalid("The text content is empty.")
    return _Instance(f"{title}\n{entry['content']}" if title else entry["content"], task)


def _task(task: Any) -> str:
    if task and task not in TASK_TYPES:
        raise invalid(f"Unsupported task type: {task}.")
    return str(task or "RETRIEVAL_QUERY")


def _dimensions(wanted: Any, model: EmbeddingModel) -> int:
    if wanted is None:
        return model.dimensions
    if not isinstance(wanted, int) or isinstance(wanted, bool) or not 1 <= wanted <= model.dimensions:
        raise invalid(f"outputDimensionality must be in the range [1, {model.dimensions}] for {model.name}.")
    return wanted


def _flag(config: Json, name: str) -> bool:
    return config.get(name) is not False


def _part_text(part: Any) -> str:
    if isinstance(part, Mapping) and isinstance(part.get("text"), str):
        return str(part["text"])
    raise invalid("Only text parts are supported by the local embedding model.")
