"""Cloud Storage and the transfers in memory, and a world's collection on its way between projects."""

from collections.abc import Callable
from dataclasses import dataclass, field

from shared.errors import NotFound
from shared.ingestion.moving import Moving, Store
from shared.ingestion.transfers import Transfer
from tests.fakes.drive import Fuse
from tests.fakes.ingestion import World


@dataclass
class FakeObjects:
    """Objects by name."""

    fuse: Fuse = field(default_factory=Fuse)
    stored: dict[str, bytes] = field(default_factory=dict)

    async def put(self, name: str, data: bytes) -> None:
        self.fuse.burn()
        self.stored[name] = data

    async def get(self, name: str) -> bytes:
        if name not in self.stored:
            raise NotFound("Cloud Storage has no such thing.")
        return self.stored[name]


@dataclass
class FakeTransfers:
    """Transfers by id."""

    fuse: Fuse
    stored: dict[str, Transfer] = field(default_factory=dict)

    async def get(self, transfer_id: str) -> Transfer | None:
        return self.stored.get(transfer_id)

    async def put(self, transfer: Transfer) -> None:
        self.stored[transfer.id] = transfer

    async def change(self, transfer_id: str, change: Callable[[Transfer], Transfer]) -> Transfer:
        if transfer_id not in self.stored:
            raise NotFound
        after = change(self.stored[transfer_id])
        self.fuse.burn()
        self.stored[transfer_id] = after
        return after


def moving(world: World, objects: FakeObjects) -> Moving:
    """Exports and imports of a world."""
    store = Store(
        world.collections,
        world.states,
        world.records,
        world.chunks,
        world.indexes,
        world.lexicon,
        world.groups,
    )
    return Moving(
        store,
        FakeTransfers(world.fuse),
        objects,
        world.queue,
        world.clock,
        "exports",
    )
