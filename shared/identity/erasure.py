"""Erasure: everything that is about one person is deleted, and a receipt says how much was where.

The user's record names the receipt from the first moment, each store is emptied in bounded steps, and the
record itself goes last. So whoever comes after a process that died (the same request repeated, the person's
next sign-in, an administrator) goes on where it stopped, with the same receipt.
"""

import secrets as random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

from shared import log
from shared.errors import NotFound
from shared.identity.audit import Trail
from shared.identity.grants import DriveGrants
from shared.identity.interfaces import Clock, PersonalStore, ReceiptStore, UserStore
from shared.identity.records import Receipt

_log = log.get_logger("identity.erasure")


class GrantErasure:
    """The Drive grant as a PersonalStore: revoked at Google, then forgotten."""

    name = "drive_grants"

    def __init__(self, grants: DriveGrants, receipts: ReceiptStore) -> None:
        self._grants, self._receipts = grants, receipts

    async def erase(self, subject: str, receipt: str) -> int:
        """Raises Unavailable, Timeout or Upstream when Google does not take the grant back."""
        if not await self._grants.withdraw(subject):
            return 0
        await self._receipts.add(receipt, self.name, 1)
        return 1

    async def export(self, subject: str) -> AsyncIterator[dict[str, object]]:
        """Whether there is one; the grant itself is a secret."""
        state = await self._grants.state(subject)
        if state != "missing":
            yield {"state": state}


async def _emptied(store: PersonalStore, subject: str, receipt_id: str) -> int:
    total = 0
    while deleted := await store.erase(subject, receipt_id):
        total += deleted
    return total


class Erasure:
    """Erases people. `stores` are emptied in their order, the one with the user's record last."""

    def __init__(
        self,
        users: UserStore,
        stores: Sequence[PersonalStore],
        receipts: ReceiptStore,
        trail: Trail,
        clock: Clock = time.time,
    ) -> None:
        self._users, self._stores, self._receipts = users, tuple(stores), receipts
        self._trail, self._clock = trail, clock

    async def erase(self, subject: str, actor: str) -> Receipt:
        """Delete what is the person's and return the receipt.

        Raises NotFound, and Unavailable, Timeout or Upstream when it has to be asked for again: what was
        deleted stays deleted, and the receipt goes on counting.
        """
        if await self._users.get(subject) is None:
            return await self._resume_of(subject, actor)
        await self._trail.require("erasure.begun", subject, actor)
        receipt_id = await self._users.begin_erasure(subject, random.token_hex(12))
        return await self.resume(subject, receipt_id)

    async def resume(self, subject: str, receipt_id: str) -> Receipt:
        """Go on with an erasure that began. Raises as `erase` does."""
        person = await self._trail.pseudonym(subject)
        await self._receipts.begin(Receipt(receipt_id, person, self._clock(), subject=subject))
        # Until a whole round finds nothing: an answer that was being written may have come in behind it.
        while sum([await _emptied(store, subject, receipt_id) for store in self._stores]):
            pass
        receipt = await self._receipts.finish(receipt_id, self._clock())
        await self._trail.note(
            "erasure.finished", subject, "", receipt=receipt_id, deleted=sum(receipt.counts.values())
        )
        _log.info("erasure.finished", receipt=receipt_id, **receipt.counts)
        return receipt

    async def _resume_of(self, subject: str, actor: str) -> Receipt:
        """Go on with what was cut off behind the person's own record, or came in behind the erasure.

        A request that was being answered elsewhere writes what it cost when it ends. Raises NotFound when
        there is nothing.
        """
        for receipt in await self._receipts.unfinished():
            if receipt.subject == subject:
                return await self.resume(subject, receipt.id)
        if not await self._left(subject):
            raise NotFound("There is no such person.")
        await self._trail.require("erasure.begun", subject, actor)
        return await self.resume(subject, random.token_hex(12))

    async def _left(self, subject: str) -> bool:
        """Whether any store has something of the person's."""
        for store in self._stores:
            async with aclosing(store.export(subject)) as found:  # type: ignore[type-var]
                async for _ in found:
                    return True
        return False

    async def resume_all(self) -> int:
        """Go on with every erasure that was cut off; returns how many were finished."""
        unfinished = await self._receipts.unfinished()
        for receipt in unfinished:
            await self.resume(receipt.subject, receipt.id)
        return len(unfinished)

    async def unfinished(self) -> int:
        """The number of erasures that were cut off."""
        return len(await self._receipts.unfinished())
