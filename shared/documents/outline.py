"""Builds sections in reading order, as every format's reader sees its text go by."""

import re
from dataclasses import replace

from shared.documents import limits
from shared.documents.reasons import empty
from shared.models import Block, BlockKind, Extraction, Locator, Section, Transcript

# Control characters, the soft hyphen, the byte order mark and halves of surrogate pairs are not text.
_INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\xad\ufeff\ud800-\udfff]")
_TITLE_LENGTH = 200
_VERY_LONG = "The file is very long; only its beginning was read."


def clean(text: str) -> str:
    """The text without characters that no one can see, trimmed; its words are left alone."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0b", "\n").replace("\x0c", "\n")
    return _INVISIBLE.sub("", text).strip()


def one_line(text: str) -> str:
    """The text with every run of white space as one space."""
    return " ".join(clean(text).split())


class Outline:
    """Collects blocks under headings.

    A heading's own text becomes the first block of its section; a heading with nothing under it goes
    to the front of the section that follows, so that no section consists of a heading alone unless
    the document ends there.
    """

    def __init__(self, title: str = "") -> None:
        self.title = one_line(title)[:_TITLE_LENGTH]
        self.warnings: list[str] = []
        self._sections: list[Section] = []
        self._blocks: list[Block] = []
        self._stack: list[tuple[int, str]] = []
        self._headings: list[tuple[str, Locator]] = []
        self._left = limits.CHARACTERS
        self._confidence: list[tuple[int, float]] = []

    @property
    def path(self) -> tuple[str, ...]:
        """The headings that the next block stands under, outermost first."""
        return tuple(text for _, text in self._stack)

    @property
    def full(self) -> bool:
        """Whether the limit of characters is reached, and reading on is of no use."""
        return self._left <= 0

    def heading(self, level: int, text: str, place: Locator | None = None) -> None:
        """Open a section; `level` counts from 1 and closes headings of the same or a deeper level."""
        text = one_line(text)[:_TITLE_LENGTH]
        if not text:
            return
        self._close()
        while self._stack and self._stack[-1][0] >= level:
            self._stack.pop()
        self._stack.append((level, text))
        if not self.title:
            self.title = text
        self._headings.append((text, place or Locator()))

    def under(self, level: int, name: str) -> None:
        """Open a section as `heading` does, its name not being part of the text, such as a slide's number."""
        self._close()
        self._stack = [(each, text) for each, text in self._stack if each < level]
        self._stack.append((level, one_line(name)[:_TITLE_LENGTH]))

    def prelude(self, text: str) -> None:
        """Put a line before the next block, whatever section that is in: a page's title."""
        if one_line(text):
            self._headings.append((one_line(text)[:_TITLE_LENGTH], Locator()))

    def top(self) -> None:
        """Leave all headings: what follows belongs to the document as a whole."""
        self._close()
        self._stack = []

    def add(
        self, text: str, kind: BlockKind = "paragraph", place: Locator | None = None, header: str = ""
    ) -> None:
        """Append a block to the open section; blank text is ignored."""
        text = clean(text)
        if not text:
            return
        if self.full:
            self.warn(_VERY_LONG)
            return
        self._flush_headings()
        if len(text) > self._left:
            text = text[: self._left]
            self.warn(_VERY_LONG)
        self._left -= len(text)
        self._blocks.append(Block(text, self._placed(place or Locator()), kind, header))

    def graft(self, inner: Extraction, part: str) -> None:
        """Append a document within this one, its places marked with `part`."""
        self._close()
        self._flush_headings()
        self._close()
        for section in inner.sections:
            if self.full:
                break
            blocks = tuple(self._within(block, part) for block in section.blocks)
            self._left -= sum(len(block.text) for block in blocks)
            self._sections.append(Section((*self.path, part, *section.path), blocks))
        self.warnings += [f"{part}: {warning}" for warning in inner.warnings]

    def seen(self, page: int, transcript: Transcript) -> None:
        """Note how sure the reader of a page's picture was, where it says."""
        if transcript.confidence is not None:
            self._confidence.append((page, round(transcript.confidence, 3)))

    def warn(self, sentence: str) -> None:
        """Record once what could not be read."""
        if sentence not in self.warnings:
            self.warnings.append(sentence)

    def extraction(self, pages: int = 0) -> Extraction:
        """What was collected; raises Unreadable("empty") when that is nothing."""
        self._flush_headings()
        self._close()
        if not self._sections:
            raise empty()
        return Extraction(
            self.title, tuple(self._sections), pages, tuple(self.warnings), tuple(self._confidence)
        )

    def _placed(self, place: Locator) -> Locator:
        heading = () if place.sheet is not None else self.path
        return replace(place, heading=heading)

    def _within(self, block: Block, part: str) -> Block:
        inner = block.locator
        place = replace(inner, part=f"{part}/{inner.part}" if inner.part else part)
        return Block(block.text, place, block.kind, block.header)

    def _flush_headings(self) -> None:
        headings, self._headings = self._headings, []
        for text, place in headings:
            self._left -= len(text)
            self._blocks.append(Block(text, self._placed(place)))

    def _close(self) -> None:
        if self._blocks:
            self._sections.append(Section(self.path, tuple(self._blocks)))
            self._blocks = []
