"""The wire of folders, suggestions and what a file is called."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from functions.chat.answer_schemas import Wire
from functions.chat.cursors import cursor
from functions.chat.schemas import FileId, Name
from shared.answers.suggestions import Suggestion
from shared.models import FileState
from shared.search.browsing import Listing, Node, Place
from shared.web.described import WireModel


class Browse(WireModel):
    """What is to be listed: what a folder holds, or the top of a collection. One of the two."""

    model_config = ConfigDict(extra="forbid")

    folder_id: Name | None = None
    collection: Name | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 100
    cursor: Annotated[str, StringConstraints(max_length=2_000)] = ""

    @model_validator(mode="after")
    def one_of_both(self) -> "Browse":
        """A folder or a collection."""
        if (self.folder_id is None) == (self.collection is None):
            msg = "name either folder_id or collection"
            raise ValueError(msg)
        return self


class LookFor(WireModel):
    """Words that names begin with, as somebody types them."""

    model_config = ConfigDict(extra="forbid")

    q: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    limit: Annotated[int, Field(ge=1, le=50)] = 20
    cursor: Annotated[str, StringConstraints(max_length=2_000)] = ""


class Several(WireModel):
    """Folders whose first pages are wanted together."""

    model_config = ConfigDict(extra="forbid")

    folders: Annotated[list[Name], Field(min_length=1, max_length=20)]
    limit: Annotated[int, Field(ge=1, le=200)] = 100


class About(WireModel):
    """What suggested questions are to be about; nothing for all that the asker can find."""

    model_config = ConfigDict(extra="forbid")

    collection: Name | None = None
    folder_id: Name | None = None
    file_id: FileId | None = None
    limit: Annotated[int, Field(ge=1, le=10)] = 4


class FolderNode(Wire):
    """A folder."""

    kind: Literal["folder"] = "folder"
    id: str
    name: str


class FileNode(Wire):
    """A file, and how far it has been read: `reason` says why it is not, or not all of it."""

    kind: Literal["file"] = "file"
    id: str
    name: str
    mime_type: str
    modified: str
    link: str
    state: FileState
    reason: str


TreeNode = Annotated[FolderNode | FileNode, Field(discriminator="kind")]


def node(one: Node) -> FolderNode | FileNode:
    """A folder or file, as the wire shows it."""
    if one.kind == "folder":
        return FolderNode(id=one.id, name=one.name)
    return FileNode.model_validate(
        {
            "id": one.id,
            "name": one.name,
            "mime_type": one.mime_type,
            "modified": one.modified,
            "link": one.link,
            "state": one.state,
            "reason": one.reason,
        }
    )


class FolderPage(Wire):
    """A page of what a folder holds, folders first; `folder` is null at the top of a collection."""

    folder: FolderNode | None
    items: list[TreeNode]
    next_cursor: str | None

    @classmethod
    def of(cls, found: Listing) -> "FolderPage":
        """The listing, as the wire shows it."""
        folder = FolderNode(id=found.folder.id, name=found.folder.name) if found.folder else None
        items = [node(one) for one in found.nodes]
        return cls(folder=folder, items=items, next_cursor=_following(found.following))


class FolderPages(Wire):
    """The first pages of those of the folders that the asker may open."""

    folders: list[FolderPage]


class SuggestedQuestion(Wire):
    """A question that the named file speaks to; `file_id` is to be sent with it when `whole`."""

    question: str
    file_id: str
    file: str
    whole: bool


class Suggested(Wire):
    """Questions for somebody who does not know what to ask."""

    suggestions: list[SuggestedQuestion]

    @classmethod
    def of(cls, found: list[Suggestion]) -> "Suggested":
        """The suggestions, as the wire shows them."""
        return cls(
            suggestions=[
                SuggestedQuestion(question=one.question, file_id=one.file_id, file=one.file, whole=one.whole)
                for one in found
            ]
        )


def _following(place: Place | None) -> str | None:
    return cursor(place.section, place.title, place.id) if place else None
