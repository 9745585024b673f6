"""A worker that was silent for longer than its lease, and wakes up."""

from collections.abc import Sequence

import pytest

from shared.errors import Conflict
from shared.ingestion.interfaces import StoredChunk
from tests.fakes.ingestion import World

FIRST, SECOND = b"# A\n\nRule one is in force.", b"# A\n\nRule two is in force."


def text(world: World) -> str:
    """What readers see of the file."""
    return " ".join(world.chunks.stored[name].chunk.text for name in world.records.stored["a"].chunks)


async def test_what_a_sleeper_deletes_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """It deletes chunks that another worker named meanwhile: the next sync reads the file anew."""
    world = World()
    world.drive.put("a", FIRST, mime_type="text/markdown")
    await world.settle()
    get = world.chunks.get

    async def asleep(ids: Sequence[str]) -> dict[str, StoredChunk]:
        found = await get(ids)
        if len(world.embedder.texts) == 2 and ids == world.records.stored["a"].stale:
            monkeypatch.undo()
            world.clock.move(seconds=31)
            world.drive.put("a", FIRST, mime_type="text/markdown")
            await world.files.process("a")  # the other worker: the old version again, whose chunks are there
            assert "one" in text(world)
        return found

    monkeypatch.setattr(world.chunks, "get", asleep)
    world.drive.put("a", SECOND, mime_type="text/markdown")
    with pytest.raises(Conflict):
        await world.files.process("a")
    assert set(world.records.stored["a"].chunks) - set(world.chunks.stored)
    await world.settle()
    assert "one" in text(world)
    world.consistent()
