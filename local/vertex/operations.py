"""Long-running operations: what administration returns, and google.longrunning.Operations over it.

Source: google/longrunning/operations.proto. An operation whose work was under way when the process ended is
gone, and so is its work.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
from google.longrunning import operations_pb2 as lro
from google.protobuf.any_pb2 import Any as Packed
from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import Message

from local.rpc import RefusedError
from local.times import seconds
from local.vertex.moment import micros
from local.vertex.paging import page
from local.vertex.refusals import missing, precondition, unimplemented

Work = Callable[[], Awaitable[Message]]
Keep = Callable[[str, bytes], Awaitable[None]]
Forget = Callable[[str], Awaitable[None]]


class Operations:
    """Every operation since the store was made. `delay()` is how many seconds one takes."""

    def __init__(self, keep: Keep, forget: Forget, delay: Callable[[], float]) -> None:
        self._keep, self._forget, self._delay = keep, forget, delay
        self._known: dict[str, Any] = {}
        self._running: dict[str, asyncio.Task[None]] = {}

    def load(self, name: str, body: bytes) -> None:
        """Take back an operation that is done."""
        self._known[name] = lro.Operation.FromString(body)

    def clear(self) -> None:
        """Forget all of them, in memory."""
        self._known.clear()

    async def start(self, parent: str, metadata: Any, work: Work) -> Any:
        """An operation under `parent` that does `work`, done at once unless operations take time here.

        What `work` refuses becomes the operation's error when it takes time, the call's error when not.
        """
        metadata.generic_metadata.create_time.FromMicroseconds(micros())
        operation = lro.Operation(name=f"{parent}/operations/{secrets.randbelow(10**19)}")
        operation.metadata.CopyFrom(packed(metadata))
        self._known[operation.name] = operation
        if self._delay() <= 0:
            try:
                await self._finish(operation, metadata, await work())
            except RefusedError:
                del self._known[operation.name]
                raise
            return operation
        self._running[operation.name] = asyncio.create_task(self._later(operation, metadata, work))
        return operation

    async def close(self) -> None:
        """Give up what is under way."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def get(self, request: Any) -> Any:
        """GetOperation."""
        if request.name not in self._known:
            raise missing(f"Operation `{request.name}` is not found.")
        return self._known[request.name]

    async def wait(self, request: Any) -> Any:
        """WaitOperation: returns when the operation is done, or as it is when `timeout` has passed."""
        operation = await self.get(request)
        task = self._running.get(request.name)
        if task is not None:
            timeout = seconds(request.timeout) if request.HasField("timeout") else None
            await asyncio.wait([task], timeout=timeout)
        return operation

    async def list(self, request: Any) -> Any:
        """ListOperations of a resource, by name."""
        if request.filter:
            raise unimplemented("filter is not emulated.")
        under = f"{request.name}/"
        names = sorted(name for name in self._known if name.startswith(under))
        chosen, token = page(names, request.page_size, request.page_token)
        return lro.ListOperationsResponse(
            operations=[self._known[name] for name in chosen], next_page_token=token
        )

    async def delete(self, request: Any) -> Any:
        """DeleteOperation: forget the result of one that is done."""
        operation = await self.get(request)
        if not operation.done:
            raise precondition(f"Operation `{request.name}` is not done.")
        del self._known[request.name]
        await self._forget(request.name)
        return Empty()

    async def _later(self, operation: Any, metadata: Any, work: Work) -> None:
        try:
            await asyncio.sleep(self._delay())
            await self._finish(operation, metadata, await work())
        except RefusedError as refused:
            operation.error.code, operation.error.message = refused.code.value[0], refused.message
            await self._finish(operation, metadata, None)
        except Exception as error:
            operation.error.code = grpc.StatusCode.INTERNAL.value[0]
            operation.error.message = str(error)
            await self._finish(operation, metadata, None)
            raise
        finally:
            self._running.pop(operation.name, None)

    async def _finish(self, operation: Any, metadata: Any, result: Message | None) -> None:
        metadata.generic_metadata.update_time.FromMicroseconds(micros())
        operation.metadata.CopyFrom(packed(metadata))
        if result is not None:
            operation.response.CopyFrom(packed(result))
        operation.done = True
        await self._keep(operation.name, operation.SerializeToString())


def packed(message: Any) -> Packed:
    """A message as Any. Not Any.Pack: the messages are of a pool of our own."""
    name = message.DESCRIPTOR.full_name
    return Packed(type_url=f"type.googleapis.com/{name}", value=message.SerializeToString())
