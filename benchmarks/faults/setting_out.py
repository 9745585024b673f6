"""A Docent that is ready for the campaign: the Drive read in, four people with a conversation each."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from benchmarks.faults.acts import ACTS
from benchmarks.faults.block import PEOPLE, Block, block
from benchmarks.faults.campaign import Campaign
from benchmarks.faults.oracle import Books
from benchmarks.faults.people import Asker, asker
from local.outgoing import loopback_client
from local.runner import ingest

_ASKED = {"message": "How do I descale my kettle?"}
_PUBLIC = "customer_faq.html"


@asynccontextmanager
async def setting_out(
    folder: Path, seed: int, port: int = 0, *, hurry: bool = True
) -> AsyncIterator[Campaign]:
    """The campaign, before its first case; in a `hurry`, with short deadlines from then on."""
    async with block(folder, port) as running:
        admin = await asker(running.base, PEOPLE[0])
        headers = admin.bearer
        async with loopback_client(base_url=running.base, headers=headers, timeout=60) as client:
            await ingest.connect(client, "Sample Drive")
            await ingest.follow(client, lambda _: None)
        if hurry:
            await running.hurry()
        yield await among(running, PEOPLE, seed)


async def among(running: Block, addresses: Sequence[str], seed: int) -> Campaign:
    """A campaign of these people, the first an administrator, over a Drive that is read in."""
    admin = await asker(running.base, addresses[0])
    async with loopback_client(base_url=running.base, headers=admin.bearer, timeout=60) as client:
        answer = await client.get("/ingest/files", params={"collection": "main", "limit": 100})
    files = answer.json()["files"]
    public = next(one["file_id"] for one in files if one["file"] == _PUBLIC)
    people = {one.partition("@")[0]: await _ready(running, one, public) for one in addresses}
    books = Books(_firestore(running))
    for one in people.values():
        one.charged = await books.charged(one.subject)
    acts = {name: (who, act) for name, (who, act) in ACTS.items() if set(who) <= set(people)}
    return Campaign(running, people, books, seed, acts)


async def _ready(running: Block, address: str, file_id: str) -> Asker:
    """Somebody with a conversation that is shared, and a file to look at."""
    made = await asker(running.base, address)
    async with loopback_client(base_url=running.base, headers=made.bearer, timeout=60) as client:
        answer = await _told(client, "POST", "/chat", _ASKED)
        made.facts |= {"conversation": answer["conversation_id"], "message": answer["message_id"]}
        shared = await _told(client, "POST", f"/chat/conversations/{answer['conversation_id']}/share")
        made.facts |= {"share": shared["share_id"], "file": file_id, "subject": made.subject}
    return made


async def _told(client: httpx.AsyncClient, method: str, path: str, body: Any = None) -> Any:
    answer = await client.request(method, path, json=body)
    assert answer.status_code == httpx.codes.OK, answer.text
    return answer.json()


def _firestore(running: Block) -> Any:
    """A client of our own, not Docent's."""
    import grpc.aio
    from google.auth.credentials import AnonymousCredentials
    from google.cloud.firestore import AsyncClient
    from google.cloud.firestore_v1.services.firestore import FirestoreAsyncClient
    from google.cloud.firestore_v1.services.firestore.transports.grpc_asyncio import (
        FirestoreGrpcAsyncIOTransport,
    )

    from local.runner.environment import PROJECT

    channel = grpc.aio.insecure_channel(running.exports["FIRESTORE_EMULATOR_HOST"])
    client = AsyncClient(project=PROJECT, credentials=AnonymousCredentials())  # type: ignore[no-untyped-call]
    transport = FirestoreGrpcAsyncIOTransport(channel=channel)
    client._firestore_api_internal = FirestoreAsyncClient(transport=transport)  # noqa: SLF001 - no other way
    return client
