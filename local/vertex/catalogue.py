"""The models that are offered, and what each of them accepts.

Limits: Google's page "Get text embeddings" and the model version page, as read in 2026. A model that is
not here answers 404, as a retired one does.
"""

from dataclasses import dataclass
from typing import Literal

from local.httperrors import ApiError, invalid

Method = Literal["predict", "embedContent"]

TASK_TYPES = frozenset(
    {
        "RETRIEVAL_QUERY",
        "RETRIEVAL_DOCUMENT",
        "SEMANTIC_SIMILARITY",
        "CLASSIFICATION",
        "CLUSTERING",
        "QUESTION_ANSWERING",
        "FACT_VERIFICATION",
        "CODE_RETRIEVAL_QUERY",
    }
)


@dataclass(frozen=True)
class EmbeddingModel:
    """One embedding model's rules: token limits are per text, `request_tokens` for all texts of a request."""

    name: str
    method: Method
    dimensions: int
    text_tokens: int
    instances: int = 1
    request_tokens: int | None = None
    space: int = 0
    """Vectors of models with another number cannot be compared."""


EMBEDDING_MODELS = {
    model.name: model
    for model in (
        EmbeddingModel("gemini-embedding-001", "predict", 3072, 2048, 1, 20_000),
        EmbeddingModel("text-embedding-005", "predict", 768, 2048, 250, 20_000, space=5),
        EmbeddingModel("gemini-embedding-2", "embedContent", 3072, 8192, space=2),
    )
}

GENERATION_MODELS = frozenset(
    {
        "gemini-3.8-flash",
        "gemini-3.7-flash",
        "gemini-3.6-flash",
        "gemini-3.5-flash",
        "gemini-3.5-flash-lite",
        "gemini-3.1-flash-lite",
        "gemini-3.1-pro-preview",
    }
)

PROMPT_TOKENS = 1_048_576
OUTPUT_TOKENS = 65_536


def not_found(parent: str, model: str) -> ApiError:
    """404 for a model that is unknown or retired."""
    return ApiError(
        404,
        f"Publisher Model `{parent}/publishers/google/models/{model}` was not found or your project does not "
        "have access to it. Please ensure you are using a valid model version.",
    )


def embedding_model(parent: str, name: str, method: Method) -> EmbeddingModel:
    """The rules of an embedding model. Raises ApiError 404 (unknown) or 400 (not by this method)."""
    model = EMBEDDING_MODELS.get(name)
    if model is None:
        if name in GENERATION_MODELS:
            raise invalid(f"Model {name} does not support {method}.")
        raise not_found(parent, name)
    if model.method != method:
        raise invalid(f"Model {name} does not support {method}; use {model.method}.")
    return model


def generation_model(parent: str, name: str, extra: frozenset[str]) -> None:
    """Pass when the model generates text. Raises ApiError 404 (unknown) or 400 (an embedding model)."""
    if name in EMBEDDING_MODELS:
        raise invalid(f"Model {name} does not support generateContent.")
    if name not in GENERATION_MODELS | extra:
        raise not_found(parent, name)
