"""The RPCs that write documents, and those that begin and end transactions."""

import secrets
import string

from google.rpc import code_pb2

from local.firestore.engine import Engine
from local.firestore.errors import FirestoreError, InvalidArgument
from local.firestore.names import check_id, parse_database, parse_document, parse_parent
from local.firestore.protos import (
    BatchWriteResponse,
    BeginTransactionResponse,
    CommitResponse,
    Document,
    Message,
    Status,
    Write,
    WriteResult,
    timestamp,
)
from local.firestore.reading import mask_paths, masked
from local.firestore.writes import written_name

MAX_BATCH = 500
"""Writes in one BatchWrite."""

_ALPHABET = string.ascii_letters + string.digits
_AUTO_ID_LENGTH = 20


class Writing:
    """Commit, BatchWrite, BeginTransaction, Rollback, CreateDocument, UpdateDocument, DeleteDocument."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def commit(self, request: Message) -> Message:
        """All writes or none."""
        database = parse_database(request.database)
        transaction = None
        if request.transaction:
            transaction = self._engine.transactions.get(request.transaction, database)
        results, moment = await self._engine.commit(database, request.writes, transaction)
        response = CommitResponse(commit_time=timestamp(moment))
        response.write_results.extend(results)
        return response

    async def batch_write(self, request: Message) -> Message:
        """Each write for itself; what failed says so in its status."""
        database = parse_database(request.database)
        if len(request.writes) > MAX_BATCH:
            raise InvalidArgument(f"A batch can have at most {MAX_BATCH} writes.")
        names = [written_name(write) for write in request.writes]
        if len(set(names)) < len(names):
            raise InvalidArgument("A document cannot be written more than once in one BatchWrite request.")
        outcomes, _ = await self._engine.commit_each(database, request.writes)
        response = BatchWriteResponse()
        for outcome in outcomes:
            if isinstance(outcome, FirestoreError):
                response.write_results.append(WriteResult())
                response.status.append(Status(code=outcome.code.value[0], message=outcome.message))
            else:
                response.write_results.append(outcome)
                response.status.append(Status(code=code_pb2.OK))
        return response

    async def begin_transaction(self, request: Message) -> Message:
        """A new transaction's id."""
        transaction = self._engine.begin(parse_database(request.database), request.options)
        return BeginTransactionResponse(transaction=transaction.id)

    async def rollback(self, request: Message) -> bytes:
        """Give a transaction up. One that has already ended is no error."""
        database = parse_database(request.database)
        transactions = self._engine.transactions
        if transactions.is_open(request.transaction) or not transactions.known(request.transaction):
            transactions.end(transactions.get(request.transaction, database))
        return b""

    async def create_document(self, request: Message) -> bytes:
        """A new document, with an id of the client's or of ours.

        Raises:
            AlreadyExists: there is one with that id.
        """
        parent = parse_parent(request.parent)
        check_id(request.collection_id, document=False)
        document_id = request.document_id or "".join(
            secrets.choice(_ALPHABET) for _ in range(_AUTO_ID_LENGTH)
        )
        write = Write(update=Document(name=f"{request.parent}/{request.collection_id}/{document_id}"))
        write.update.MergeFrom(Document(fields=request.document.fields))
        write.current_document.exists = False
        return await self._write_one(parent.database, write, request)

    async def update_document(self, request: Message) -> bytes:
        """A document set, or with an update_mask changed in part."""
        write = Write(update=request.document)
        if request.HasField("update_mask"):
            write.update_mask.CopyFrom(request.update_mask)
        if request.HasField("current_document"):
            write.current_document.CopyFrom(request.current_document)
        return await self._write_one(parse_document(request.document.name).database, write, request)

    async def delete_document(self, request: Message) -> bytes:
        """A document gone; deleting none is no error unless the precondition says so."""
        write = Write(delete=request.name)
        if request.HasField("current_document"):
            write.current_document.CopyFrom(request.current_document)
        await self._engine.commit(parse_document(request.name).database, [write])
        return b""

    async def _write_one(self, database: str, write: Message, request: Message) -> bytes:
        await self._engine.commit(database, [write])
        name = parse_document(write.update.name)
        collection = self._engine.store.collection(name.database, name.collection)
        return masked(self._engine.store.read(collection, name.key) or b"", mask_paths(request))
