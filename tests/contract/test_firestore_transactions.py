"""Transactions at a Firestore that does not let them begin."""

import pytest
from google.cloud.firestore import AsyncTransaction

from local.control.faults import Fault
from local.firestore.server import FirestoreServer
from shared.errors import AppError, Timeout, Upstream
from shared.gcp import firestore_transactions
from shared.gcp.firestore_database import Database
from shared.gcp.firestore_transactions import run_transaction


async def nothing(_: AsyncTransaction) -> str:
    """Work that needs no document."""
    return "done"


@pytest.mark.parametrize(
    ("fault", "told"), [("UNAVAILABLE", Timeout), ("INTERNAL", Timeout), ("PERMISSION_DENIED", Upstream)]
)
async def test_a_transaction_that_cannot_begin_is_told_as_what_it_is(
    db: Database, server: FirestoreServer, fault: str, told: type[AppError]
) -> None:
    """The client hides both the failure and the end of our patience behind a rollback that it cannot do."""
    server.control.faults.append(Fault("BeginTransaction", status=fault, times=0))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(firestore_transactions, "LONGEST", 2.0)
        with pytest.raises(told):
            await run_transaction(db.client, nothing)
    server.control.faults.clear()
    assert await run_transaction(db.client, nothing) == "done"
