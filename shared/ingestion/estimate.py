"""What indexing a folder would cost, before anybody presses the button.

Drive is listed, some files of each kind are really read, and what they hold is projected onto the others of
their kind: by their bytes where Drive tells sizes, else by their number.
"""

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import anyio.to_thread

from shared.documents.chunks import cut
from shared.documents.extract import extract
from shared.documents.reasons import Unreadable
from shared.errors import NotAllowed, NotFound, TooLarge
from shared.ingestion.drive import EVERYTHING, SHARED_WITH_ME, Drive
from shared.ingestion.identifiers import content_version
from shared.ingestion.indexes import embedded_text
from shared.ingestion.interfaces import Collection, DriveFile, RecordStore
from shared.ingestion.runs import Folder, Walk
from shared.ingestion.tree import Tree
from shared.ingestion.walk import Walker, placed
from shared.models import Transcript

LISTING_SECONDS, READING_SECONDS = 25.0, 25.0
"""Of one request; past these the estimate is of what was seen, and says that it is not complete."""
CHARACTERS_A_TOKEN = 4
OCR_PROMPT_TOKENS, OCR_OUTPUT_TOKENS = 1_200, 700
"""Of one page that a Gemini model reads: a picture at default resolution with our words, and a full page."""
WRITES_A_FILE, READS_A_FILE = 8, 6
"""Documents of Firestore that one file's task writes and reads, its chunks apart."""


class PriceList(Protocol):
    """What things cost: nano-dollars by "thing:unit"; `monthly` is due whatever is done."""

    @property
    def dated(self) -> str:
        """The day the prices are of."""
        ...

    @property
    def units(self) -> Mapping[str, int]:
        """By thing and unit."""
        ...

    @property
    def monthly(self) -> Mapping[str, int]:
        """By thing."""
        ...


@dataclass
class Kind:
    """The files of one MIME type: how many there are, and what those that were read hold."""

    mime_type: str
    files: list[DriveFile] = field(default_factory=list)
    read: int = 0
    read_bytes: int = 0
    unreadable: int = 0
    pages: int = 0
    ocr_pages: int = 0
    characters: int = 0
    chunks: int = 0

    @property
    def size(self) -> int:
        """Bytes of all of them; Google's own documents tell none or little."""
        return sum(file.size for file in self.files)

    @property
    def factor(self) -> float:
        """How many times what was read there is in all."""
        if self.read_bytes:
            return self.size / self.read_bytes
        return len(self.files) / self.read if self.read else 0.0

    def projected(self, seen: int) -> int:
        """What was seen in the sample, for all files of the kind."""
        return round(seen * self.factor)


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the bill; `thing` is a name in the price file, None for what that does not price."""

    thing: str
    quantity: int
    nano: int | None


@dataclass(frozen=True, slots=True)
class Estimate:
    """What was found, and what it would cost in nano-dollars."""

    kinds: Sequence[Kind]
    up_to_date: int
    complete: bool
    items: Sequence[Item]
    monthly: int
    dated: str

    @property
    def files(self) -> int:
        """Files that would be read."""
        return sum(len(kind.files) for kind in self.kinds)

    def total(self, of: Callable[[Kind], int]) -> int:
        """A number of the sample, projected and summed over all kinds."""
        return sum(kind.projected(of(kind)) for kind in self.kinds)

    @property
    def nano(self) -> int:
        """The sum of the items that have a price."""
        return sum(item.nano or 0 for item in self.items)


@dataclass(frozen=True)
class Estimator:
    """Estimates. `embedding_model` and `ocr_model` are names in the price file."""

    drive: Drive
    records: RecordStore
    prices: PriceList
    embedding_model: str
    ocr_model: str
    max_bytes: int
    monotonic: Callable[[], float] = time.monotonic

    async def estimate(self, folder_id: str, sample: int) -> Estimate:
        """Of a folder with all that is below it; about `sample` files are read. Raises NotFound."""
        kinds, up_to_date, complete = await self._listed(folder_id)
        deadline = self.monotonic() + READING_SECONDS
        for kind, file in _chosen(kinds, sample):
            if self.monotonic() > deadline:
                complete = False
                break
            await self._read(kind, file)
        found = Estimate(
            kinds, up_to_date, complete, (), sum(self.prices.monthly.values()), self.prices.dated
        )
        items = tuple(self._priced(thing, quantity) for thing, quantity in self._bill(found) if quantity)
        return Estimate(kinds, up_to_date, complete, items, found.monthly, found.dated)

    async def _listed(self, folder_id: str) -> tuple[list[Kind], int, bool]:
        """The files by kind, how many are up to date, and whether all were seen."""
        collection = Collection("estimate", "", folder_id)
        tree, walker = Tree(self.drive, _Unstored()), Walker(self.drive)
        if folder_id not in (EVERYTHING, SHARED_WITH_ME):
            top = await self.drive.folder(folder_id)
            collection = Collection("estimate", "", top.id)
            await tree.note([top])
        walk = Walk(frontier=await walker.tops(collection))
        kinds: dict[str, Kind] = {}
        met: set[str] = set()
        up_to_date = 0
        deadline = self.monotonic() + LISTING_SECONDS
        while not walk.over and self.monotonic() < deadline:
            walk, items = await walker.step(walk, met)
            await tree.note(items)
            met.update(item.record_id for item in items)
            files = [one for one in await placed(items, tree, [collection]) if not one.source.target]
            records = await self.records.get_many([file.id for file in files])
            for file in files:
                known = records.get(file.id)
                if known is not None and known.content == content_version(file):
                    up_to_date += 1
                else:
                    kinds.setdefault(file.mime_type, Kind(file.mime_type)).files.append(file)
        return sorted(kinds.values(), key=lambda kind: -len(kind.files)), up_to_date, walk.over

    async def _read(self, kind: Kind, file: DriveFile) -> None:
        seen: list[int] = []

        def read_image(image: bytes, _mime_type: str) -> Transcript:
            seen.append(len(image))
            return Transcript("")

        with tempfile.TemporaryDirectory(prefix="docent-estimate-") as folder:
            path = Path(folder) / "content"
            try:
                await self.drive.download(file.source, path, self.max_bytes)
                found = await anyio.to_thread.run_sync(extract, path, file.mime_type, file.name, read_image)
            except (Unreadable, TooLarge, NotAllowed, NotFound):
                kind.unreadable += not seen
            else:
                chunks = cut(found, file.name)
                kind.pages += found.pages
                kind.characters += sum(len(embedded_text(chunk)) for chunk in chunks)
                kind.chunks += len(chunks)
        kind.read += 1
        kind.read_bytes += file.size
        kind.ocr_pages += len(seen)

    def _bill(self, found: Estimate) -> list[tuple[str, int]]:
        """Names in the price file, and quantities."""
        pages, chunks = found.total(lambda kind: kind.ocr_pages), found.total(lambda kind: kind.chunks)
        tokens = found.total(lambda kind: kind.characters) // CHARACTERS_A_TOKEN
        tokens += pages * OCR_OUTPUT_TOKENS  # what is read in pictures is embedded too
        ocr = (
            [(f"{self.ocr_model}:page", pages)]
            if f"{self.ocr_model}:page" in self.prices.units
            else [
                (f"{self.ocr_model}:prompt", pages * OCR_PROMPT_TOKENS),
                (f"{self.ocr_model}:output", pages * OCR_OUTPUT_TOKENS),
            ]
        )
        return [
            (f"{self.embedding_model}:token", tokens),
            *ocr,
            ("firestore:write", found.files * WRITES_A_FILE + chunks),
            ("firestore:read", found.files * READS_A_FILE + chunks),
            ("functions:request", found.files),
        ]

    def _priced(self, thing: str, quantity: int) -> Item:
        price = self.prices.units.get(thing)
        return Item(thing, quantity, None if price is None else price * quantity)


class _Unstored:
    """Folders of an estimate, which are not to be kept."""

    async def get(self, ids: object) -> dict[str, Folder]:
        """None is known."""
        del ids
        return {}

    async def put(self, folders: object) -> None:
        """Nothing is kept."""

    async def delete(self, ids: object) -> None:
        """Nothing is kept."""


def _chosen(kinds: Sequence[Kind], sample: int) -> list[tuple[Kind, DriveFile]]:
    """Files to read: of each kind in proportion to its number, at least one, evenly over its sizes."""
    total = sum(len(kind.files) for kind in kinds)
    chosen = []
    for kind in kinds:
        wanted = min(len(kind.files), max(1, round(sample * len(kind.files) / total)))
        by_size = sorted(kind.files, key=lambda file: file.size)
        step = len(by_size) / wanted
        chosen += [(kind, by_size[int(step * (at + 0.5))]) for at in range(wanted)]
    return chosen
