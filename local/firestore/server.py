"""The Firestore stand-in: google.firestore.v1.Firestore on a port of the loopback."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import grpc
import grpc.aio

from local.control.faults import Control
from local.control.interceptor import ControlInterceptor
from local.firestore import protos
from local.firestore.billing import Billing
from local.firestore.clock import Clock
from local.firestore.engine import Engine
from local.firestore.errors import FirestoreError, InvalidArgument
from local.firestore.indexes import Indexes
from local.firestore.indexfiles import read_indexes, read_overrides
from local.firestore.listen import Listening
from local.firestore.pipelines.executing import Executing
from local.firestore.protos import Message
from local.firestore.querying import Querying
from local.firestore.reading import Reading
from local.firestore.store import RETENTION, Store
from local.firestore.transactions import LOCK_WAIT, Transactions
from local.firestore.wire import serialized
from local.firestore.writestream import WriteStreams
from local.firestore.writing import Writing
from local.standin import LOOPBACK, Options

SERVICE = "google.firestore.v1.Firestore"
MAX_REQUEST_BYTES = 11_534_336
"""11 MiB, as the service's refusals say; https://cloud.google.com/firestore/quotas promises 10."""
MAX_MESSAGE_BYTES = 64 * 1024 * 1024
"""Above it, so that the client hears Firestore's error and not gRPC's."""
EXPIRY_PERIOD = 5.0
_FILE = "firestore.sqlite"
FORGET_PERIOD = 60.0

Context = Any
Unary = Callable[[Message], Awaitable[Message]]
Stream = Callable[[Message], AsyncIterator[Message]]


class FirestoreServer:
    """Firestore on this machine.

    Settings it knows: firestore_lock_wait: seconds a call waits for another transaction's lock (20).
    firestore_full_sync: "1" flushes each commit to disk, against power loss too. firestore_indexes: a .tf
    file, a folder of them or a firestore.indexes.json: queries that need an index that there is
        not, as declared there, fail as in production. Without it every query is allowed.
    """

    def __init__(self, options: Options) -> None:
        self.control = Control("firestore")
        self._options = options
        self._port = options.port
        self._server: grpc.aio.Server | None = None
        self._housekeeping: asyncio.Task[None] | None = None

    async def start(self) -> int:
        """Listen; returns the port. Raises OSError when the port is taken."""
        settings, state = self._options.settings, self._options.state
        self._store = Store(
            state / _FILE if state else None,
            full_sync=settings.get("firestore_full_sync") == "1",
        )
        clock = Clock(self._store.last_commit())
        wait = float(settings.get("firestore_lock_wait", LOCK_WAIT))
        declared = settings.get("firestore_indexes")
        indexes = None
        if declared:
            indexes = Indexes(read_indexes(Path(declared)), read_overrides(Path(declared)))
        self.engine = engine = Engine(self._store, clock, Transactions(clock, wait), indexes)
        server = grpc.aio.server(
            interceptors=[ControlInterceptor(self.control)],
            options=[
                ("grpc.so_reuseport", 0),
                ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
                ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
            ],
        )
        server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler(SERVICE, handlers(engine, Billing(self.control.billed))),)
        )
        try:
            self._port = server.add_insecure_port(f"{LOOPBACK}:{self._options.port}")
        except RuntimeError as error:
            self._store.close()
            raise OSError(f"port {self._options.port} is taken") from error
        await server.start()
        self._server = server
        self._housekeeping = asyncio.create_task(_keep_house(engine))
        return self._port

    async def stop(self) -> None:
        """Stop listening and close the store; what was acknowledged is on disk."""
        if self._server and self._housekeeping:
            self._housekeeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._housekeeping
            await self._server.stop(grace=0.2)
            self._store.close()
            self._server = None

    async def save(self, folder: Path) -> None:
        """Copy the whole state into a folder, for restore()."""
        self._store.save(folder / _FILE)

    async def restore(self, folder: Path | None) -> None:
        """Go back to what save() copied, or to no document at all.

        Open transactions end; Listen streams are not told.
        """
        self.engine.transactions.end_all()
        if folder:
            self._store.restore(folder / _FILE)
        else:
            self._store.clear()

    def exports(self) -> dict[str, str]:
        """FIRESTORE_EMULATOR_HOST, which Google's clients of every language know."""
        return {"FIRESTORE_EMULATOR_HOST": f"{LOOPBACK}:{self._port}"}


async def _keep_house(engine: Engine) -> None:
    """End expired transactions and drop versions nobody can read any more."""
    forgotten = time.monotonic()
    while True:
        await asyncio.sleep(EXPIRY_PERIOD)
        engine.transactions.expire()
        if time.monotonic() - forgotten > FORGET_PERIOD:
            forgotten = time.monotonic()
            engine.store.forget(engine.clock.read() - RETENTION)


def handlers(engine: Engine, billing: Billing) -> dict[str, Any]:
    """The service's methods."""
    reading, writing, querying = Reading(engine), Writing(engine), Querying(engine)
    unary: dict[str, tuple[Message, Unary]] = {
        "BatchWrite": (protos.BatchWriteRequest, writing.batch_write),
        "BeginTransaction": (protos.BeginTransactionRequest, writing.begin_transaction),
        "Commit": (protos.CommitRequest, writing.commit),
        "CreateDocument": (protos.CreateDocumentRequest, writing.create_document),
        "DeleteDocument": (protos.DeleteDocumentRequest, writing.delete_document),
        "GetDocument": (protos.GetDocumentRequest, reading.get_document),
        "ListCollectionIds": (protos.ListCollectionIdsRequest, reading.list_collection_ids),
        "ListDocuments": (protos.ListDocumentsRequest, reading.list_documents),
        "PartitionQuery": (protos.PartitionQueryRequest, querying.partition_query),
        "Rollback": (protos.RollbackRequest, writing.rollback),
        "UpdateDocument": (protos.UpdateDocumentRequest, writing.update_document),
    }
    streaming: dict[str, tuple[Message, Stream]] = {
        "BatchGetDocuments": (protos.BatchGetDocumentsRequest, reading.batch_get_documents),
        "ExecutePipeline": (protos.ExecutePipelineRequest, Executing(engine).execute_pipeline),
        "RunAggregationQuery": (protos.RunAggregationQueryRequest, querying.run_aggregation_query),
        "RunQuery": (protos.RunQueryRequest, querying.run_query),
    }
    duplex = {
        "Listen": _duplex(protos.ListenRequest, Listening(engine).listen),
        "Write": _duplex(protos.WriteRequest, WriteStreams(engine).write),
    }
    return (
        {name: _unary(kind, billing.unary(name, method)) for name, (kind, method) in unary.items()}
        | {name: _stream(kind, billing.stream(name, method)) for name, (kind, method) in streaming.items()}
        | duplex
    )


def _unary(request_class: Message, method: Unary) -> Any:
    async def call(request: Message, context: Context) -> Message:
        try:
            return await method(_accepted(request))
        except FirestoreError as error:
            await context.abort(error.code, error.message)

    return grpc.unary_unary_rpc_method_handler(
        call, request_deserializer=_reader(request_class), response_serializer=serialized
    )


def _stream(request_class: Message, method: Stream) -> Any:
    async def call(request: Message, context: Context) -> AsyncIterator[Message]:
        try:
            async for response in method(_accepted(request)):
                yield response
        except FirestoreError as error:
            await context.abort(error.code, error.message)

    return grpc.unary_stream_rpc_method_handler(
        call, request_deserializer=_reader(request_class), response_serializer=serialized
    )


def _reader(request_class: Message) -> Callable[[bytes], Message]:
    """Parses requests; of those that are too large only the refusal is left."""

    def read(raw: bytes) -> Message:
        if len(raw) > MAX_REQUEST_BYTES:
            return InvalidArgument(f"Request payload size exceeds the limit: {MAX_REQUEST_BYTES} bytes.")
        return request_class.FromString(raw)

    return read


def _accepted(request: Message) -> Message:
    if isinstance(request, FirestoreError):
        raise request
    return request


def _duplex(
    request_class: Message, method: Callable[[AsyncIterator[Message]], AsyncIterator[Message]]
) -> Any:
    async def call(requests: AsyncIterator[Message], context: Context) -> AsyncIterator[Message]:
        try:
            async for response in method(requests):
                yield response
        except FirestoreError as error:
            await context.abort(error.code, error.message)

    return grpc.stream_stream_rpc_method_handler(
        call, request_deserializer=request_class.FromString, response_serializer=serialized
    )
