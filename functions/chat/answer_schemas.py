"""What the chat function answers: answers and their sources, places, rights, collections."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Literal, NotRequired

from pydantic import ConfigDict
from typing_extensions import TypedDict

from shared.answers.interfaces import NearFile
from shared.answers.service import Finished, Started
from shared.answers.service import Text as Said
from shared.identity.explanation import Explanation, Path
from shared.ingestion.interfaces import Collection
from shared.models import Locator, Passage, Usage
from shared.web.described import WireModel

_QUOTE = 300
"""Characters quoted of a passage of which nothing speaks to a question in particular."""


class Wire(WireModel):
    """What is sent has exactly these fields."""

    model_config = ConfigDict(extra="forbid")


class Place(TypedDict):
    """Where a passage stands: only what applies. `range` is in A1 notation, `heading` a path as one line.

    `box` is where on a PDF's page: left, bottom, right, top in points.
    """

    page: NotRequired[int]
    slide: NotRequired[int]
    sheet: NotRequired[str]
    range: NotRequired[str]
    heading: NotRequired[str]
    part: NotRequired[str]
    box: NotRequired[list[int]]


def place(locator: Locator) -> Place:
    """A place, as the wire shows it."""
    found: Place = {}
    if locator.page is not None:
        found["page"] = locator.page
    if locator.slide is not None:
        found["slide"] = locator.slide
    if locator.sheet is not None:
        found["sheet"] = locator.sheet
    if locator.range is not None:
        found["range"] = locator.range
    if locator.heading:
        found["heading"] = " > ".join(locator.heading)
    if locator.part is not None:
        found["part"] = locator.part
    if locator.box:
        found["box"] = list(locator.box)
    return found


class Source(Wire):
    """A passage that an answer may cite as [n].

    `superseded_by` is the name of a file with a newer version of it, "" where none is known.
    """

    n: int
    file_id: str
    file: str
    locator: Place
    quote: str
    link: str
    passage_id: str
    superseded_by: str

    @classmethod
    def of(cls, number: int, passage: Passage) -> "Source":
        """The passage, as the wire shows it."""
        return cls(
            n=number,
            file_id=passage.file_id,
            file=passage.file_name,
            locator=place(passage.locator),
            quote=passage.quote or passage.text[:_QUOTE].strip(),
            link=passage.link,
            passage_id=passage.chunk_id,
            superseded_by=passage.superseded_by,
        )


def sources(passages: Sequence[Passage]) -> list[Source]:
    """Numbered from 1."""
    return [Source.of(number, passage) for number, passage in enumerate(passages, 1)]


class Near(Wire):
    """A file to look into when there is no answer; the asker may open it."""

    file_id: str
    file: str
    link: str

    @classmethod
    def of(cls, file: NearFile) -> "Near":
        """The file, as the wire shows it."""
        return cls(file_id=file.file_id, file=file.name, link=file.link)


class Used(Wire):
    """What an answer consumed, in tokens."""

    model: str
    prompt_tokens: int
    output_tokens: int
    cached_tokens: int

    @classmethod
    def of(cls, usage: Usage) -> "Used":
        """The usage, as the wire shows it."""
        return cls(
            model=usage.model,
            prompt_tokens=usage.prompt_tokens,
            output_tokens=usage.output_tokens,
            cached_tokens=usage.cached_tokens,
        )


class Stretch(Wire):
    """A part of an answer, in characters."""

    start: int
    end: int


class Meta(Wire):
    """The event `meta`: `question` is what was looked for, rewritten if it leaned on earlier ones."""

    conversation_id: str
    request_id: str
    question: str
    message_id: str

    @classmethod
    def begun(cls, event: Started, request_id: str) -> "Meta":
        """The event, as the wire shows it."""
        return cls(
            conversation_id=event.conversation_id,
            request_id=request_id,
            question=event.question,
            message_id=event.message_id,
        )


class Token(TypedDict):
    """The event `token`: a sentence or row; `unsupported` where no source says it."""

    text: str
    unsupported: NotRequired[Literal[True]]


def token(event: Said) -> Token:
    """The event, as the wire shows it."""
    return {"text": event.text, "unsupported": True} if event.unsupported else {"text": event.text}


class Contradiction(Wire):
    """Two sources that say the same thing with another number or date."""

    first: int
    second: int
    first_says: str
    second_says: str


class WholeFile(Wire):
    """So many parts `of` so many of a file were read, when it was asked about as a whole."""

    read: int
    of: int


class Done(Wire):
    """The event `done`."""

    declined: bool
    degraded: bool
    usage: Used
    nearest: list[Near]
    unsupported: list[Stretch]
    computed: bool
    conflicts: list[Contradiction]
    whole: WholeFile | None

    @classmethod
    def ended(cls, event: Finished) -> "Done":
        """The event, as the wire shows it."""
        return cls(
            declined=event.declined,
            degraded=event.degraded,
            usage=Used.of(event.usage),
            nearest=[Near.of(one) for one in event.nearest],
            unsupported=[Stretch.model_validate(one) for one in event.unsupported],
            computed=event.computed,
            conflicts=[Contradiction.model_validate(asdict(one)) for one in event.conflicts],
            whole=WholeFile(read=event.whole.read, of=event.whole.of) if event.whole else None,
        )


class Answer(Meta, Done):
    """A whole answer: what the events say, in one object."""

    answer: str
    sources: list[Source]


class CollectionName(Wire):
    """A collection that can be asked."""

    id: str
    name: str


class CollectionList(Wire):
    """The collections in which the asker can find a file."""

    collections: list[CollectionName]
    next_cursor: str | None

    @classmethod
    def of(cls, found: Sequence[Collection]) -> "CollectionList":
        """The collections, as the wire shows them."""
        listed = [CollectionName(id=one.id, name=one.name) for one in found]
        return cls(collections=listed, next_cursor=None)


class PassageInPlace(Wire):
    """A part of a file; `cited` is the one that was asked for."""

    passage_id: str
    text: str
    locator: Place
    cited: bool


class InPlace(Wire):
    """A source in its place, with its neighbours, in reading order."""

    file_id: str
    file: str
    link: str
    passages: list[PassageInPlace]

    @classmethod
    def of(cls, file_id: str, found: Sequence[Passage], around: str) -> "InPlace":
        """The passages, as the wire shows them."""
        return cls(
            file_id=file_id,
            file=found[0].file_name if found else "",
            link=next((one.link for one in found if one.chunk_id == around), ""),
            passages=[
                PassageInPlace(
                    passage_id=one.chunk_id,
                    text=one.text,
                    locator=place(one.locator),
                    cited=one.chunk_id == around,
                )
                for one in found
            ],
        )


class AccessStep(Wire):
    """A station on the way from a person to a file."""

    kind: str
    name: str
    id: str | None


class AccessPath(Wire):
    """A way by which somebody can read a file."""

    steps: list[AccessStep]
    role: str
    expires: datetime | None
    valid: bool
    findable: bool

    @classmethod
    def of(cls, path: Path) -> "AccessPath":
        """The path, as the wire shows it."""
        return cls(
            steps=[AccessStep(kind=one.kind, name=one.name, id=one.id or None) for one in path.steps],
            role=path.role,
            expires=path.expires,
            valid=path.valid,
            findable=path.findable,
        )


class AccessExplained(Wire):
    """Why somebody can or cannot read a file."""

    file_id: str
    file: str
    person: str
    readable: bool
    decided_by: str
    reason: str
    paths: list[AccessPath]

    @classmethod
    def of(cls, found: Explanation) -> "AccessExplained":
        """The explanation, as the wire shows it."""
        return cls(
            file_id=found.file_id,
            file=found.file,
            person=found.email,
            readable=found.readable,
            decided_by=found.decided_by,
            reason=found.reason,
            paths=[AccessPath.of(one) for one in found.paths],
        )
