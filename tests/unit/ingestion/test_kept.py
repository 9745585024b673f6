"""What stays in memory of files that were read: nothing, however many they are."""

import asyncio
import gc
from collections import Counter
from itertools import product
from string import ascii_lowercase

import pytest

from shared.ingestion.drive import Item
from shared.ingestion.interfaces import Datapoint, DriveFile, FileRecord, StoredChunk
from shared.models import Chunk, Extraction, Section
from shared.search import terms as spelling
from shared.search.terms import terms
from tests.fakes.ingestion import World

KINDS = (Chunk, Datapoint, DriveFile, Extraction, FileRecord, Item, Section, StoredChunk, asyncio.Future)


def alive() -> Counter[str]:
    """The objects of a file's way through the protocol that anybody holds."""
    gc.collect()
    return Counter(type(one).__name__ for one in gc.get_objects() if isinstance(one, KINDS))


async def test_nothing_is_kept_of_a_file_when_its_task_is_over() -> None:
    """Sixty files in shared tasks, one that is refused among them; the stores apart, no trace is left."""
    before = alive()
    world = World(beside=16)
    for number in range(60):
        world.drive.put(f"f{number}", f"The rule of {number} is in force.".encode())
    world.drive.put("nothing", b"\x00\x01\x02")
    await world.settle()
    assert alive()["FileRecord"] >= 60  # what is counted is there as long as the stores hold it
    world.records.stored.clear()
    world.chunks.stored.clear()
    world.index.points.clear()
    for _ in range(5):  # what was cancelled, the signs of life, ends in the loop's next turns
        await asyncio.sleep(0)
    assert alive() - before == Counter()


def test_words_that_are_remembered_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers and codes are not remembered, and words no more than so many."""
    known = spelling._known_spellings("en")
    known.clear()
    assert terms("rule 4711 and 17.5 of AB-12") == [
        "rule",
        "4711",
        "and",
        "17.5",
        "17",
        "5",
        "of",
        "ab-12",
        "ab",
        "12",
    ]
    assert set(known) == {"rule", "and", "of"}
    monkeypatch.setattr(spelling, "_MEMORY", 100)
    for first, second in product(ascii_lowercase, repeat=2):
        assert known[f"{first}{second}x"]
        assert len(known) <= 100
