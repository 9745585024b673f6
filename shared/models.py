"""The domain's values: frozen, without behaviour that needs the outside."""

from dataclasses import dataclass
from typing import Literal

BlockKind = Literal["paragraph", "table", "list", "code", "note"]
FileState = Literal["pending", "indexed", "partial", "skipped", "failed"]
Tier = Literal["standard", "premium"]


@dataclass(frozen=True, slots=True)
class Locator:
    """Where in a file a text stands, precise enough to open that place. Unset fields do not apply.

    `page` and `slide` count from 1; `range` is in A1 notation and belongs to `sheet` when the file
    has sheets; `heading` is the path of headings from the outermost; `part` names a part of an
    e-mail, a member of an archive or an attachment; `box` is where on a PDF's page: left, bottom, right, top
    in points from the page's lower left corner.
    """

    page: int | None = None
    slide: int | None = None
    sheet: str | None = None
    range: str | None = None
    heading: tuple[str, ...] = ()
    part: str | None = None
    box: tuple[int, int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of text that is never cut in the middle when it fits a chunk: a paragraph, a table.

    A table's text is one line a row, the header row first and once more in `header`; cells are joined by
    " | ", except that rows of a CSV file stay as they are.
    """

    text: str
    locator: Locator
    kind: BlockKind = "paragraph"
    header: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Blocks under one heading path; () is the text before the first heading."""

    path: tuple[str, ...]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Extraction:
    """What was read from one file, in reading order."""

    title: str
    sections: tuple[Section, ...]
    pages: int = 0
    warnings: tuple[str, ...] = ()
    """Sentences about what could not be read; not empty means the file is `partial`."""
    confidence: tuple[tuple[int, float], ...] = ()
    """Of each page that was read as a picture, as far as its reader said: the page, and 0 to 1."""

    @property
    def characters(self) -> int:
        """The number of characters of text read."""
        return sum(len(block.text) for section in self.sections for block in section.blocks)


@dataclass(frozen=True, slots=True)
class Transcript:
    """The raw text in a picture, never rewritten; `confidence` is the reader's own, 0 to 1, where it says."""

    text: str
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """The unit of retrieval: a stretch of one section, with its place.

    `key` is stable while section path and text are: 20 hex digits of SHA-256. `context` (file title
    and heading path) is embedded together with `text` but not shown as a quote.
    """

    key: str
    text: str
    context: str
    locator: Locator
    ordinal: int


@dataclass(frozen=True, slots=True)
class Person:
    """Who is asking. `subject` is Google's stable account id; e-mail addresses may change."""

    subject: str
    email: str
    domain: str
    name: str = ""
    admin: bool = False
    session_id: str = ""
    tier: Tier = "standard"


@dataclass(frozen=True, slots=True)
class Passage:
    """A retrieved chunk that the asker may read, with what is needed to cite it."""

    chunk_id: str
    file_id: str
    file_name: str
    text: str
    context: str
    locator: Locator
    link: str
    ordinal: int
    score: float
    modified: str = ""
    quote: str = ""
    """The stretch of `text` that speaks to the question best, verbatim."""
    superseded_by: str = ""
    """The name of a file that holds a newer version of this passage; empty when none is known."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What part of the documents a question is about; empty fields do not narrow."""

    collection: str = ""
    folder_id: str = ""
    file_id: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """What a request consumed, as Google counts it."""

    prompt_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    model: str = ""


@dataclass(frozen=True, slots=True)
class SparseVector:
    """Weights of terms: `values[i]` is that of the term whose place is `dimensions[i]`; places ascend."""

    dimensions: tuple[int, ...] = ()
    values: tuple[float, ...] = ()
