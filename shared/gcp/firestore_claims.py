"""Claims in Firestore: ClaimStore on claims/{id}.

A claim is made without a read: the transform `increment` of `claims` tells each who claims which number it
is, and the first leads. `mark` is the lowest of all marks; `seen` holds the leader's last sign of life.
"""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from google.api_core import exceptions

from shared.gcp.failures import translated
from shared.gcp.firestore_wire import Wire
from shared.gcp.patience import patience
from shared.limits.interfaces import Claim, Claimed

if TYPE_CHECKING:
    from google.cloud.firestore import AsyncClient

_KEPT = timedelta(days=1)
"""Of a claim that nobody released: its instance died, and nobody asked the same again."""


class FirestoreClaims:
    """ClaimStore. `timeout` is seconds for one call."""

    def __init__(self, client: "AsyncClient", timeout: float) -> None:
        self._wire, self._timeout = Wire.of(client), timeout
        self._claims = client.collection("claims")

    async def claimed(self, claim_id: str) -> Claimed | None:
        """One read."""
        async with translated("Firestore"):
            snapshot = await self._claims.document(claim_id).get(**patience(self._timeout))
        document = snapshot.to_dict() or {}
        return Claimed(document["mark"], document.get("seen", 0)) if snapshot.exists else None

    async def renew(self, claim: Claim, seen: int) -> bool:
        """One write, of a claim that is there."""
        async with translated("Firestore"):
            with suppress(exceptions.NotFound):
                await self._claims.document(claim.id).update({"seen": seen}, **patience(self._timeout))
                return True
        return False

    async def release(self, claim: Claim) -> None:
        """One write."""
        async with translated("Firestore"):
            await self._wire.add(
                [self._wire.delete(self._wire.path("claims", claim.id))], self._timeout, again=True
            )

    def write(self, claim: Claim) -> Any:
        """The write that claims, for a commit; `told` reads what it returned."""
        from google.cloud.firestore_v1.types import common, document, write

        value, transform = document.Value.pb(), write.DocumentTransform.FieldTransform.pb()
        fields = {
            "subject": value(string_value=claim.subject),
            "expire_at": value(timestamp_value=datetime.now(UTC) + _KEPT),
        }
        name = self._claims.document(claim.id)._document_path  # noqa: SLF001 - the name on the wire
        return write.Write.pb()(
            update=document.Document.pb()(name=name, fields=fields),
            update_mask=common.DocumentMask.pb()(field_paths=list(fields)),
            update_transforms=[
                transform(field_path="claims", increment=value(integer_value=1)),
                transform(field_path="mark", minimum=value(integer_value=claim.mark)),
                transform(field_path="seen", maximum=value(integer_value=0)),
            ],
        )

    def told(self, results: list[int]) -> Claimed:
        """Whose the claim is, out of what the transforms returned."""
        number, mark, seen = results
        return Claimed(mark, seen, first=number == 1)
