"""The wire of the chat function."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.answers.interfaces import NearFile
from shared.identity.explanation import Explanation
from shared.models import Locator, Passage, Usage

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,128}$")]
FileId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_~-]{1,300}$")]
"""A file's id; that of a file behind a shortcut names both."""


class Ask(BaseModel):
    """A question. `message` is 1 to 1,000 characters after trimming."""

    model_config = ConfigDict(extra="forbid")

    message: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
    conversation_id: Name | None = None
    collection: Name | None = None
    folder_id: Name | None = None
    file_id: FileId | None = None


class Whose(BaseModel):
    """Whose right is asked about: an e-mail address, or nothing for one's own."""

    model_config = ConfigDict(extra="forbid")

    person: Annotated[str, StringConstraints(pattern=r"^([^@\s]{1,64}@[^@\s]{1,190})?$")] = ""


class Around(BaseModel):
    """Which part of a file to show: the passages around one of them, or the first ones."""

    model_config = ConfigDict(extra="forbid")

    around: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.~-]{0,200}$")] = ""
    span: Annotated[int, Field(ge=0, le=20)] = 3


class Listed(BaseModel):
    """A page of a list."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=100)] = 30
    cursor: Annotated[str, StringConstraints(max_length=400)] = ""


class Renamed(BaseModel):
    """A conversation's new title."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]


class Rated(BaseModel):
    """What somebody thinks of an answer."""

    model_config = ConfigDict(extra="forbid")

    rating: Literal["up", "down"]
    comment: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)] = ""


def locator_json(locator: Locator) -> dict[str, object]:
    """A place as JSON: only what applies; the heading path as one line."""
    fields: dict[str, object] = {
        "page": locator.page,
        "slide": locator.slide,
        "sheet": locator.sheet,
        "range": locator.range,
        "heading": " > ".join(locator.heading) or None,
        "part": locator.part,
        "box": list(locator.box) if locator.box else None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def source_json(number: int, passage: Passage) -> dict[str, object]:
    """One entry of `sources`."""
    return {
        "n": number,
        "file_id": passage.file_id,
        "file": passage.file_name,
        "locator": locator_json(passage.locator),
        "quote": passage.quote,
        "link": passage.link,
        "passage_id": passage.chunk_id,
    }


def near_json(file: NearFile) -> dict[str, object]:
    """One entry of `nearest`."""
    return {"file_id": file.file_id, "file": file.name, "link": file.link}


def explanation_json(found: Explanation) -> dict[str, object]:
    """The answer of GET /files/{id}/access."""
    return {
        "file_id": found.file_id,
        "file": found.file,
        "person": found.email,
        "readable": found.readable,
        "decided_by": found.decided_by,
        "reason": found.reason,
        "paths": [
            {
                "steps": [{"kind": one.kind, "name": one.name, "id": one.id or None} for one in path.steps],
                "role": path.role,
                "expires": path.expires.isoformat() if path.expires else None,
                "valid": path.valid,
                "findable": path.findable,
            }
            for path in found.paths
        ],
    }


def usage_json(usage: Usage) -> dict[str, object]:
    """What an answer consumed."""
    return {
        "model": usage.model,
        "prompt_tokens": usage.prompt_tokens,
        "output_tokens": usage.output_tokens,
        "cached_tokens": usage.cached_tokens,
    }
