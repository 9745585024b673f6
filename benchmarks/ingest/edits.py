"""What an edit costs in embeddings: `python -m benchmarks.ingest.edits [FOLDER]`.

After each edit of a document the chunks are cut anew, and counted are those whose key is new, which is what
is embedded; whole-file re-embedding embeds all of them each time. What no way of cutting could keep is told
beside it: chunks in which a line is new. Three histories:

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
from dataclasses import dataclass, field
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


def chunks_of(text: str, name: str) -> dict[str, str]:
    """The chunks of a version: key and text."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        found = extract(Path(file.name), "", name)
    return {chunk.key: chunk.text for chunk in cut(found, name)}


@dataclass
class Cost:
    """Over all edits: chunks after them, the new ones of each, and those that have to be new."""

    chunks: int = 0
    new: list[int] = field(default_factory=list)
    changed: int = 0
    """New ones with a line that the version before did not have: to be embedded wherever one cuts."""


def embedded(versions: Sequence[str], name: str = "document.md") -> Cost:
    """What the edits of a document cost."""
    cost, known = Cost(), chunks_of(versions[0], name)
    for version in versions[1:]:
        now = chunks_of(version, name)
        new = [text for key, text in now.items() if key not in known]
        lines = {line for text in known.values() for line in text.splitlines()}
        cost.new.append(len(new))
        cost.chunks += len(now)
        cost.changed += sum(not lines.issuperset(text.splitlines()) for text in new)
        known = now  # chunks that no version names any more are deleted, and embedded again if they return
    return cost


def measured(source: str, histories: Iterable[tuple[str, list[str]]]) -> dict[str, float]:
    """Print the share of embeddings reused, against none, and return the figures."""
    documents, whole = 0, Cost()
    for name, versions in histories:
        suffix = name if "." in name.rpartition("/")[2] else f"{name}.md"
        cost = embedded(versions, suffix.rpartition("/")[2])
        documents += 1
        whole = Cost(whole.chunks + cost.chunks, whole.new + cost.new, whole.changed + cost.changed)
    if not whole.new:
        print(f"{source}: no history here")
        return {}
    each, new = sorted(whole.new), sum(whole.new)
    edits, reused, best = len(each), 1 - new / whole.chunks, 1 - whole.changed / whole.chunks
    print(
        f"{source}: {documents} documents, {edits} edits, {whole.chunks} chunks after them, {new} embedded: "
        f"{reused:.1%} reused (whole-file re-embedding: 0 %; {best:.1%} say nothing new); an edit embeds "
        f"{new / edits:.1f} chunks (p95 {each[int(0.95 * edits)]}, most {each[-1]}) of "
        f"{whole.chunks / edits:.0f}",
        flush=True,
    )
    return {
        "documents": documents,
        "edits": edits,
        "chunks": whole.chunks,
        "embedded": new,
        "reused": round(reused, 4),
        "reusable": round(best, 4),
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
    shares = {
        share: {source: found[share] for source, found in kept.items()} for share in ("reused", "reusable")
    }
    write("edits", {**shares, **kept})


if __name__ == "__main__":
    main()
