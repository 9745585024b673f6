"""What an edit costs in embeddings: `python -m benchmarks.ingest.edits [FOLDER]`.

After each edit of a document the chunks are cut anew, and counted are those whose key is new, which is what
is embedded; whole-file re-embedding embeds all of them each time. Three histories:

- generated: 20 documents, edited VERSIONS times each, in the ways of people: a word, a sentence, a paragraph
  put in, taken out or moved, a heading renamed, a row added to a table
- releases: the manuals of Flask and Werkzeug, as they were released over years (releases.py fetches them)
- this project: its own pages, from the history of this checkout; every version of a page that has several

With a FOLDER of documents and their versions (name/001.md, name/002.md, ...) only those are used.
"""

import random
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from benchmarks.documents.rivals import CHECKOUT, NotInstalled
from benchmarks.ingest import releases
from benchmarks.ingest.histories import histories
from benchmarks.record import write
from shared.documents.chunks import cut
from shared.documents.extract import extract

DOCUMENTS, VERSIONS = 20, 30
_WORDS = (
    "travel expense approval manager hotel night receipt policy department leave request weekend overtime "
    "project customer contract invoice payment reminder schedule meeting document version review signature "
    "quarter budget forecast revenue margin supplier delivery warehouse pallet return warranty repair ticket "
    "incident severity response recovery backup server network laptop password badge visitor reception safety"
)
WORDS = _WORDS.split()


class Document:
    """A document in Markdown, as a list of blocks."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - a benchmark's dice
        self.blocks: list[str] = []
        for number in range(1, 16):
            self.blocks.append(f"## {number}. {self._title()}")
            self.blocks += [self._paragraph() for _ in range(self.random.randrange(2, 7))]
            if number % 5 == 0:
                self.blocks.append(self._table())

    def text(self) -> str:
        """The document."""
        return "\n\n".join(self.blocks)

    def edit(self) -> None:
        """One edit, the small ones more often."""
        edits = [self._word] * 5 + [self._sentence] * 3 + [self._insert] * 2
        self.random.choice([*edits, self._remove, self._move, self._rename, self._row])()

    def _title(self) -> str:
        return " ".join(self.random.sample(WORDS, 2)).capitalize()

    def _said(self) -> str:
        words = [self.random.choice(WORDS) for _ in range(self.random.randrange(7, 20))]
        return " ".join(words).capitalize() + "."

    def _paragraph(self) -> str:
        return " ".join(self._said() for _ in range(self.random.randrange(2, 8)))

    def _table(self) -> str:
        rows = [f"| {self.random.choice(WORDS)} | {self.random.randrange(1000)} |" for _ in range(20)]
        return "\n".join(["| item | amount |", "|---|---|", *rows])

    def _at(self, beginning: str = "") -> int:
        """The place of a paragraph, or of a block that begins so."""
        fits = [
            at
            for at, block in enumerate(self.blocks)
            if (block.startswith(beginning) if beginning else not block.startswith(("#", "|")))
        ]
        return self.random.choice(fits)

    def _word(self) -> None:
        at = self._at()
        words = self.blocks[at].split(" ")
        words[self.random.randrange(len(words))] = self.random.choice(WORDS)
        self.blocks[at] = " ".join(words)

    def _sentence(self) -> None:
        self.blocks[self._at()] += " " + self._said()

    def _insert(self) -> None:
        self.blocks.insert(self._at() + 1, self._paragraph())

    def _remove(self) -> None:
        del self.blocks[self._at()]

    def _move(self) -> None:
        block = self.blocks.pop(self._at())
        self.blocks.insert(self._at(), block)

    def _rename(self) -> None:
        self.blocks[self._at("##")] = f"## {self._title()}"

    def _row(self) -> None:
        self.blocks[self._at("|")] += f"\n| {self.random.choice(WORDS)} | {self.random.randrange(1000)} |"


def made() -> Iterator[tuple[str, list[str]]]:
    """Generated documents: name, versions."""
    for seed in range(DOCUMENTS):
        document = Document(seed)
        versions = [document.text()]
        for _ in range(VERSIONS):
            document.edit()
            versions.append(document.text())
        yield f"document {seed}", versions


def given(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Documents with their versions from a folder."""
    for one in sorted(each for each in folder.iterdir() if each.is_dir()):
        yield one.name, [each.read_text(encoding="utf-8") for each in sorted(one.iterdir())]


def keys(text: str, name: str) -> set[str]:
    """The keys of a version's chunks."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        found = extract(Path(file.name), "", name)
    return {chunk.key for chunk in cut(found, name)}


def embedded(versions: Sequence[str], name: str = "document.md") -> tuple[int, int, list[int]]:
    """Over all edits: chunks embedded, chunks in all, and the new ones of each edit."""
    known = keys(versions[0], name)
    new_each, total = [], 0
    for version in versions[1:]:
        now = keys(version, name)
        new_each.append(len(now - known))
        total += len(now)
        known = now  # chunks that no version names any more are deleted, and embedded again if they return
    return sum(new_each), total, new_each


def measured(source: str, histories: Iterable[tuple[str, list[str]]]) -> dict[str, float]:
    """Print the share of embeddings reused, against none, and return the figures."""
    new = total = documents = 0
    each: list[int] = []
    for name, versions in histories:
        suffix = name if "." in name.rpartition("/")[2] else f"{name}.md"
        embedded_now, chunks, counts = embedded(versions, suffix.rpartition("/")[2])
        new, total, documents = new + embedded_now, total + chunks, documents + 1
        each += counts
    if not each:
        print(f"{source}: no history here")
        return {}
    each.sort()
    edits, reused = len(each), 1 - new / total
    print(
        f"{source}: {documents} documents, {edits} edits, {total} chunks after them, {new} embedded: "
        f"{reused:.1%} reused (whole-file re-embedding: 0 %); an edit embeds {new / edits:.1f} chunks "
        f"(p95 {each[int(0.95 * edits)]}, most {each[-1]}) of {total / edits:.0f}",
        flush=True,
    )
    return {
        "documents": documents,
        "edits": edits,
        "chunks": total,
        "embedded": new,
        "reused": round(reused, 4),
    }


def main() -> None:
    """Measure each history that is to be had here."""
    if len(sys.argv) > 1:
        measured(sys.argv[1], given(Path(sys.argv[1])))
        return
    figures = {"generated": measured("generated", made())}
    try:
        released = list(releases.histories())
        figures["releases"] = measured("releases", released)
        manuals = [one for one in released if not one[0].endswith("CHANGES.rst")]
        figures["releases without changelogs"] = measured("releases without changelogs", manuals)
    except NotInstalled as error:
        print(f"without the releases: {error}")
    figures["this project"] = measured("this project", histories(CHECKOUT))
    kept = {source: found for source, found in figures.items() if found}
    write("edits", {"reused": {source: found["reused"] for source, found in kept.items()}, **kept})


if __name__ == "__main__":
    main()
