"""The wire of the chat function."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.answers.interfaces import NearFile
from shared.models import Locator, Passage, Usage

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,128}$")]


class Ask(BaseModel):
    """A question. `message` is 1 to 1,000 characters after trimming."""

    model_config = ConfigDict(extra="forbid")

    message: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
    conversation_id: Name | None = None
    collection: Name | None = None
    folder_id: Name | None = None
    file_id: Name | None = None


class Around(BaseModel):
    """Which part of a file to show: the passages around one of them, or the first ones."""

    model_config = ConfigDict(extra="forbid")

    around: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.~-]{0,200}$")] = ""
    span: Annotated[int, Field(ge=0, le=20)] = 3


def locator_json(locator: Locator) -> dict[str, object]:
    """A place as JSON: only what applies; the heading path as one line."""
    fields: dict[str, object] = {
        "page": locator.page,
        "slide": locator.slide,
        "sheet": locator.sheet,
        "range": locator.range,
        "heading": " > ".join(locator.heading) or None,
        "part": locator.part,
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


def usage_json(usage: Usage) -> dict[str, object]:
    """What an answer consumed."""
    return {
        "model": usage.model,
        "prompt_tokens": usage.prompt_tokens,
        "output_tokens": usage.output_tokens,
        "cached_tokens": usage.cached_tokens,
    }
