"""A company's files, made: the same number gives the same bytes, on every machine.

Kinds are mixed as in an office's Drive, texts are sentences of a vocabulary whose words are as unevenly
common as in a language. The files' own content is said again as the oracle's: one phrase of each file.
"""

import bisect
import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.ingest import corpus_formats as formats

MIX = {"docx": 26, "pdf": 22, "xlsx": 12, "pptx": 9, "txt": 8, "md": 7, "html": 6, "csv": 5, "eml": 5}
"""Kind -> files in a hundred."""
PER_FOLDER = 100
_VOCABULARY = 12_000
_ONSETS = ("b", "br", "c", "d", "f", "g", "gr", "h", "j", "k", "l", "m", "n", "p", "pl", "r", "s", "st", "t")
_RHYMES = ("a", "e", "i", "o", "u", "an", "en", "er", "in", "ing", "on", "or", "ess", "ist", "ut", "ale")


@dataclass(frozen=True, slots=True)
class Writer:
    """The words and the dice of one file."""

    random: random.Random
    words: Sequence[str]
    weights: Sequence[float]

    def some(self, count: int) -> list[str]:
        """Words, the common ones more often."""
        total = self.weights[-1]
        return [self.words[bisect.bisect(self.weights, self.random.random() * total)] for _ in range(count)]

    def title(self) -> str:
        """A few words with capitals."""
        return " ".join(word.capitalize() for word in self.some(self.random.randrange(2, 6)))

    def sentence(self) -> str:
        """A sentence of 6 to 24 words, a number in some."""
        words = self.some(self.random.randrange(6, 25))
        if self.random.random() < 0.2:
            words.insert(self.random.randrange(len(words)), str(self.random.randrange(10, 90_000)))
        return " ".join(words).capitalize() + "."

    def paragraph(self) -> str:
        """Two to six sentences."""
        return " ".join(self.sentence() for _ in range(self.random.randrange(2, 7)))

    def paragraphs(self, least: int, most: int) -> list[str]:
        """Some paragraphs."""
        return [self.paragraph() for _ in range(self.random.randint(least, most))]

    def sections(self, least: int, most: int, longest: int) -> list[formats.Section]:
        """Headings, each with its paragraphs."""
        count = self.random.randint(least, most)
        return [(self.title(), self.paragraphs(1, longest)) for _ in range(count)]

    def table(self, rows: int, columns: int) -> list[list[str | float]]:
        """A header and rows: a name first, then numbers and words."""
        header: list[str | float] = [self.title() for _ in range(columns)]
        body: list[list[str | float]] = [
            [
                self.title(),
                *(
                    round(self.random.uniform(1, 9_000), 2) if at % 2 else " ".join(self.some(2))
                    for at in range(1, columns)
                ),
            ]
            for _ in range(rows)
        ]
        return [header, *body]


def _vocabulary() -> list[str]:
    dice = random.Random(1)  # noqa: S311 - a benchmark's dice
    words: dict[str, None] = {}
    while len(words) < _VOCABULARY:
        count = dice.choice((1, 2, 2, 2, 3, 3))
        words["".join(dice.choice(_ONSETS) + dice.choice(_RHYMES) for _ in range(count))] = None
    return list(words)


def _docx(write: Writer, path: Path, title: str) -> None:
    table = write.table(write.random.randrange(4, 12), 3) if write.random.random() < 0.4 else []
    formats.docx(path, title, write.sections(3, 7, 2), table)


def _pdf(write: Writer, path: Path, title: str) -> None:
    formats.pdf(path, title, write.sections(4, 9, 2))


def _xlsx(write: Writer, path: Path, title: str) -> None:
    tabs = [write.table(write.random.randrange(10, 40), 5) for _ in range(write.random.randint(1, 2))]
    formats.xlsx(path, title, tabs)


def _pptx(write: Writer, path: Path, title: str) -> None:
    slides = [(write.title(), [write.sentence() for _ in range(4)]) for _ in range(formats.SLIDES - 1)]
    formats.pptx(path, title, slides, write.paragraph())


def _txt(write: Writer, path: Path, title: str) -> None:
    path.write_text("\n\n".join([title, *write.paragraphs(3, 8)]), encoding="utf-8")


def _md(write: Writer, path: Path, title: str) -> None:
    formats.markdown(path, title, write.sections(3, 6, 2))


def _html(write: Writer, path: Path, title: str) -> None:
    formats.html(path, title, write.sections(3, 6, 2))


def _csv(write: Writer, path: Path, title: str) -> None:
    formats.csv_file(
        path, [[title, *write.table(0, 4)[0]], *write.table(write.random.randrange(15, 50), 5)[1:]]
    )


def _eml(write: Writer, path: Path, title: str) -> None:
    formats.email(path, title, write.paragraphs(2, 6))


_MAKERS: dict[str, Callable[[Writer, Path, str], None]] = {
    "docx": _docx,
    "pdf": _pdf,
    "xlsx": _xlsx,
    "pptx": _pptx,
    "txt": _txt,
    "md": _md,
    "html": _html,
    "csv": _csv,
    "eml": _eml,
}


def make(folder: Path, count: int) -> list[Path]:
    """`count` files below `folder`, those of a former run taken over; in the order of their numbers."""
    words = _vocabulary()
    weights = list(itertools.accumulate(1 / (rank + 2.7) for rank in range(len(words))))
    kinds = [kind for kind, share in MIX.items() for _ in range(share)]
    random.Random(2).shuffle(kinds)  # noqa: S311 - a benchmark's dice
    made: list[Path] = []
    for number in range(count):
        kind = kinds[number % len(kinds)]
        write = Writer(random.Random(1_000 + number), words, weights)  # noqa: S311
        title = f"{write.title()} {number}"
        path = folder / f"folder {number // PER_FOLDER}" / f"{title}.{kind}"
        made.append(path)
        if path.exists():
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"draft.{kind}")
        _MAKERS[kind](write, draft, title)
        draft.replace(path)
    return made
