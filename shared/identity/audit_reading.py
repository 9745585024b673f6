"""Reading the audit trail: pages of it, and whether its chain holds."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.errors import AppError
from shared.identity.audit import Trail
from shared.identity.audit_chain import GENESIS, Broken, authentic, broken_link
from shared.identity.interfaces import AuditStore, UnknownKey
from shared.identity.records import ChainHead, Link

_PAGE = 500


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the chain holds. `entries` were checked, `waiting` are stored but not linked yet."""

    entries: int
    head: str
    waiting: int
    broken: Broken | None

    @property
    def ok(self) -> bool:
        """Whether every link held and the head was genuine."""
        return self.broken is None


class AuditReader:
    """Shows and verifies the trail that `trail` writes."""

    def __init__(self, store: AuditStore, trail: Trail) -> None:
        self._store, self._trail = store, trail

    async def page(
        self, before: int | None, limit: int, *, event: str = "", person: str = ""
    ) -> Sequence[Link]:
        """At most `limit` links, newest first; `person` is a subject or a pseudonym."""
        await self._linked()
        people = [person, *await self._trail.pseudonyms(person)] if person else []
        return await self._store.before(before, limit, event=event, people=people)

    async def verify(self, anchor: tuple[int, str] | None = None) -> Verdict:
        """Read the whole chain and check each link and the head.

        `anchor` is a number and its hash as `audit.linked` logged them: the chain must still hold that.
        Entries that are linked meanwhile are not looked at.
        """
        await self._linked()
        head, waiting = await self._store.head(), await self._store.waiting()
        if head is None:
            links = await self._store.after(0, 1)
            broken = Broken(1, "there are entries, but the head of the chain is gone") if links else None
            return Verdict(0, "", waiting, broken or _anchored(anchor, 0))
        seq, last_hash = 0, GENESIS
        while seq < head.seq:
            links = await self._store.after(seq, min(_PAGE, head.seq - seq))
            if not links:
                broken = Broken(seq + 1, f"entry {seq + 1} is missing, and so is all that follows it")
                return Verdict(seq, head.hash, waiting, broken)
            if broken := broken_link(links, seq, last_hash) or _unanchored(anchor, links):
                return Verdict(seq, head.hash, waiting, broken)
            seq, last_hash = links[-1].seq, links[-1].hash
        broken = await self._false_head(head, last_hash) or _anchored(anchor, seq)
        return Verdict(seq, head.hash, waiting, broken)

    async def _linked(self) -> None:
        """A reader links what waits; one who cannot still reads."""
        try:
            await self._trail.link()
        except AppError:
            return

    async def _false_head(self, head: ChainHead, last_hash: str) -> Broken | None:
        if head.hash != last_hash:
            return Broken(head.seq, f"the head does not hold the hash of entry {head.seq}")
        try:
            key = (await self._trail.ring()).key(head.key_id)
        except UnknownKey:
            return Broken(head.seq, f"the head was made with the key {head.key_id}, which is gone")
        if not authentic(head, key):
            return Broken(head.seq, "the head was not made by Docent: the chain may have been rewritten")
        return None


def _unanchored(anchor: tuple[int, str] | None, links: Sequence[Link]) -> Broken | None:
    if anchor:
        for link in links:
            if link.seq == anchor[0] and link.hash != anchor[1]:
                return Broken(link.seq, f"entry {link.seq} has another hash than the log")
    return None


def _anchored(anchor: tuple[int, str] | None, seq: int) -> Broken | None:
    """A chain that ends before the anchor lost its end."""
    if anchor and anchor[0] > seq:
        return Broken(seq + 1, f"the chain ends at {seq}, but the log has seen entry {anchor[0]}")
    return None
