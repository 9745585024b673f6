"""Claims in Firestore: ClaimStore on claims/{id}.

A claim is made without a read: the transform `increment` of `claims` tells each who claims which number it
is, and the first leads. `mark` is the lowest of all marks; `seen` holds the leader's last sign of life.
"""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from google.api_core import exceptions

from shared.gcp.failures import translated
from shared.gcp.firestore_database import Database
from shared.gcp.firestore_kinds import kinds
from shared.gcp.firestore_wire import Wire
from shared.limits.interfaces import Claim, Claimed

_KEPT = timedelta(days=1)
"""Of a claim that nobody released: its instance died, and nobody asked the same again."""


class FirestoreClaims:
    """ClaimStore. `timeout` is seconds for one call."""

    def __init__(self, db: Database, timeout: float) -> None:
        self._wire, self._timeout = Wire.of(db), timeout

    async def claimed(self, claim_id: str) -> Claimed | None:
        """One read."""
        async with translated("Firestore"):
            found = (await self._wire.read([self._path(claim_id)], self._timeout))[self._path(claim_id)]
        document = found.document
        return Claimed(document["mark"], document.get("seen", 0)) if document is not None else None

    async def renew(self, claim: Claim, seen: int) -> bool:
        """One write, of a claim that is there."""
        async with translated("Firestore"):
            with suppress(exceptions.NotFound):
                alive = self._wire.update(self._path(claim.id), {"seen": seen})
                await self._wire.commit([alive], self._timeout, again=True)
                return True
        return False

    async def release(self, claim: Claim) -> None:
        """One write."""
        async with translated("Firestore"):
            await self._wire.add([self._wire.delete(self._path(claim.id))], self._timeout, again=True)

    def write(self, claim: Claim) -> Any:
        """The write that claims, for a commit; `told` reads what it returned."""
        value, transform = kinds().value, kinds().transform
        return self._wire.merge(
            self._path(claim.id),
            {"subject": claim.subject, "expire_at": datetime.now(UTC) + _KEPT},
            [
                transform(field_path="claims", increment=value(integer_value=1)),
                transform(field_path="mark", minimum=value(integer_value=claim.mark)),
                transform(field_path="seen", maximum=value(integer_value=0)),
            ],
        )

    def told(self, results: list[int]) -> Claimed:
        """Whose the claim is, out of what the transforms returned."""
        number, mark, seen = results
        return Claimed(mark, seen, first=number == 1)

    def _path(self, claim_id: str) -> str:
        return self._wire.path("claims", claim_id)
