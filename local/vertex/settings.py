"""What the runner may set, read from Options.settings (all values are strings)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CHARACTERS = ("honest", "lying", "obedient")
OTHERWISE = frozenset(
    {"cut-vectors-are-unit", "distance-is-negative", "missing-namespace-matches", "task-types-differ"}
)
"""Ways in which the real service may turn out to differ from what is assumed here (README.md)."""


@dataclass(frozen=True)
class DeployedIndex:
    """An index that exists from the start, and the endpoint that serves it."""

    index: str
    endpoint: str
    deployed_index_id: str
    dimensions: int = 384
    distance: str = "DOT_PRODUCT_DISTANCE"


@dataclass
class Settings:
    """Times are seconds. Tests may change the delays while the stand-in runs."""

    indexes: tuple[DeployedIndex, ...] = ()
    embed_instances: int = 1
    """How many texts gemini-embedding-001 takes in one predict."""
    model_url: str = ""
    """An OpenAI-compatible server that generates instead of the extractive model."""
    model_name: str = ""
    generate_models: frozenset[str] = frozenset()
    """Further generation model names that are known here."""
    answers: str = "honest"
    """How the built-in model behaves: "honest", "lying" or "obedient" (characters.py)."""
    visibility_delay: float = 0.0
    operation_delay: float = 0.0
    """How long a long-running operation takes; 0 returns it done."""
    first_token_delay: float = 0.0
    token_delay: float = 0.0
    retired_models: frozenset[str] = frozenset()
    """Models of catalogue.py that answer 404."""
    otherwise: frozenset[str] = frozenset()
    """Some of OTHERWISE."""
    threads: int = 2
    preload: bool = True
    """Load the embedding model at the start, in the background, not at its first use."""

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "Settings":
        """Settings from strings; README.md lists them. Raises ValueError that names the bad one."""
        known: dict[str, Any] = {
            "indexes": _indexes,
            "embed_instances": int,
            "model_url": lambda url: url.rstrip("/"),
            "model_name": str,
            "generate_models": lambda names: frozenset(filter(None, names.split(","))),
            "retired_models": lambda names: frozenset(filter(None, names.split(","))),
            "otherwise": _otherwise,
            "answers": _character,
            "visibility_delay": float,
            "operation_delay": float,
            "first_token_delay": float,
            "token_delay": float,
            "threads": int,
            "preload": lambda text: text.lower() not in {"0", "false", "no"},
        }
        read: dict[str, Any] = {}
        for name, text in given.items():
            if name not in known:
                continue  # the runner hands the same settings to every stand-in
            try:
                read[name] = known[name](text)
            except (ValueError, TypeError, KeyError) as error:
                raise ValueError(f"setting {name}: {error}") from error
        return cls(**read)


def _character(text: str) -> str:
    if text not in CHARACTERS:
        raise ValueError(f"{text!r} is none of {', '.join(CHARACTERS)}")
    return text


def _otherwise(text: str) -> frozenset[str]:
    given = frozenset(filter(None, text.split(",")))
    if not given <= OTHERWISE:
        raise ValueError(f"{', '.join(sorted(given - OTHERWISE))}: none of {', '.join(sorted(OTHERWISE))}")
    return given


def _indexes(text: str) -> tuple[DeployedIndex, ...]:
    return tuple(DeployedIndex(**entry) for entry in json.loads(text))
