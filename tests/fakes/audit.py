"""Stand-ins for where the audit trail, receipts and personal data are kept; each keeps state."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from typing import Any

from shared.errors import AppError
from shared.identity.audit import Trail
from shared.identity.audit_chain import GENESIS, linked
from shared.identity.records import AuditEntry, ChainHead, Link, Receipt
from tests.fakes.identity import FakeSecrets, Ticker, sealing_secret


class FakeAudit:
    """AuditStore in memory; `failure` is raised instead of storing."""

    def __init__(self) -> None:
        self.pending: dict[str, AuditEntry] = {}
        self.links: list[Link] = []
        self.at_end: ChainHead | None = None
        self.failure: AppError | None = None

    async def append(self, entry: AuditEntry) -> None:
        if self.failure:
            raise self.failure
        self.pending[entry.id] = entry

    async def seal(self, authenticate: Callable[[int, str], ChainHead]) -> ChainHead | None:
        if self.failure:
            raise self.failure
        if not self.pending:
            return None
        names = [entry.id for entry in self._in_order()[:100]]
        seq, last = (self.at_end.seq, self.at_end.hash) if self.at_end else (0, GENESIS)
        self.links += linked([self.pending.pop(name) for name in names], seq, last)
        self.at_end = authenticate(self.links[-1].seq, self.links[-1].hash)
        return self.at_end

    async def head(self) -> ChainHead | None:
        return self.at_end

    async def after(self, seq: int, limit: int) -> list[Link]:
        return [link for link in self.links if link.seq > seq][:limit]

    async def before(
        self, seq: int | None, limit: int, *, event: str = "", people: Sequence[str] = ()
    ) -> list[Link]:
        found = [
            link
            for link in reversed(self.links)
            if (seq is None or link.seq < seq)
            and event in ("", link.entry.event)
            and (not people or link.entry.subject in people)
        ]
        return found[:limit]

    async def waiting(self) -> int:
        return len(self.pending)

    def entries(self) -> list[AuditEntry]:
        """Everything that was stored, linked or not, in order."""
        return [*(link.entry for link in self.links), *self._in_order()]

    def _in_order(self) -> list[AuditEntry]:
        return sorted(self.pending.values(), key=lambda entry: entry.at)

    def events(self) -> list[str]:
        """Their events."""
        return [entry.event for entry in self.entries()]

    def last(self) -> AuditEntry:
        """The newest."""
        return self.entries()[-1]


def trail_of(store: FakeAudit, clock: Ticker | None = None) -> Trail:
    """A trail over the store, with a key of its own."""
    return Trail(store, FakeSecrets(audit=sealing_secret("p")), "audit", clock or Ticker())


class FakeReceipts:
    """ReceiptStore in memory."""

    def __init__(self) -> None:
        self.receipts: dict[str, Receipt] = {}

    async def begin(self, receipt: Receipt) -> None:
        self.receipts.setdefault(receipt.id, receipt)

    async def add(self, receipt_id: str, store: str, count: int) -> None:
        known = self.receipts[receipt_id]
        counts = {**known.counts, store: known.counts.get(store, 0) + count}
        self.receipts[receipt_id] = replace(known, counts=counts)

    async def finish(self, receipt_id: str, at: float) -> Receipt:
        self.receipts[receipt_id] = replace(self.receipts[receipt_id], finished_at=at, subject="")
        return self.receipts[receipt_id]

    async def unfinished(self) -> list[Receipt]:
        return [receipt for receipt in self.receipts.values() if not receipt.finished_at]


class FakePersonal:
    """PersonalStore in memory, a few documents a step; `failure` is raised once, between two steps."""

    def __init__(self, name: str, receipts: FakeReceipts, step: int = 2) -> None:
        self.name, self._receipts, self._step = name, receipts, step
        self.documents: dict[str, list[dict[str, object]]] = defaultdict(list)
        self.failure: AppError | None = None

    async def erase(self, subject: str, receipt: str) -> int:
        mine = self.documents[subject]
        count = min(self._step, len(mine))
        if count < len(mine) and self.failure:
            self.documents[subject] = mine[count:]
            await self._receipts.add(receipt, self.name, count)
            failure, self.failure = self.failure, None
            raise failure
        self.documents[subject] = mine[count:]
        if count:
            await self._receipts.add(receipt, self.name, count)
        return count

    async def export(self, subject: str) -> AsyncIterator[dict[str, object]]:
        for document in self.documents[subject]:
            yield document


class FakeOwned:
    """PersonalStore over the records of another fake: what `mine` finds, `drop` deletes."""

    def __init__(
        self,
        name: str,
        receipts: FakeReceipts,
        mine: Callable[[str], list[str]],
        drop: Callable[[str], Any],
    ) -> None:
        self.name, self._receipts, self._mine, self._drop = name, receipts, mine, drop

    async def erase(self, subject: str, receipt: str) -> int:
        names = self._mine(subject)
        for name in names:
            self._drop(name)
        if names:
            await self._receipts.add(receipt, self.name, len(names))
        return len(names)

    async def export(self, subject: str) -> AsyncIterator[dict[str, object]]:
        for name in self._mine(subject):
            yield {"id": name}
