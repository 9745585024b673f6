"""What the chat function is sent."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from shared.web.described import WireModel

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,128}$")]
FileId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_~-]{1,300}$")]
"""A file's id; that of a file behind a shortcut names both."""


class Ask(WireModel):
    """A question. `message` is 1 to 1,000 characters after trimming."""

    model_config = ConfigDict(extra="forbid")

    message: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
    conversation_id: Name | None = None
    collection: Name | None = None
    folder_id: Name | None = None
    file_id: FileId | None = None


class Whose(WireModel):
    """Whose right is asked about: an e-mail address, or nothing for one's own."""

    model_config = ConfigDict(extra="forbid")

    person: Annotated[str, StringConstraints(pattern=r"^([^@\s]{1,64}@[^@\s]{1,190})?$")] = ""


class Around(WireModel):
    """Which part of a file to show: the passages around one of them, or the first ones."""

    model_config = ConfigDict(extra="forbid")

    around: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.~-]{0,200}$")] = ""
    span: Annotated[int, Field(ge=0, le=20)] = 3


class Listed(WireModel):
    """A page of one's conversations; `q` are words of titles and questions to look for."""

    model_config = ConfigDict(extra="forbid")

    q: Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)] = ""

    limit: Annotated[int, Field(ge=1, le=100)] = 30
    cursor: Annotated[str, StringConstraints(max_length=400)] = ""


class Renamed(WireModel):
    """A conversation's new title."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]


class Rated(WireModel):
    """What somebody thinks of an answer."""

    model_config = ConfigDict(extra="forbid")

    rating: Literal["up", "down"]
    comment: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)] = ""
