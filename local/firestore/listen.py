"""Listen: documents and queries watched over one stream.

Source: ListenRequest, ListenResponse and TargetChange in google/firestore/v1/firestore.proto. For each
target the client hears ADD, the documents, CURRENT, and then a change without targets that carries the
read time: only that one tells it that what it has is a consistent state. A client that resumes hears only
what changed since, and how many documents it should have by then. After every commit that concerns a target
come the changes and again such a message.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Iterator

from local.firestore.engine import Engine
from local.firestore.errors import FailedPrecondition, FirestoreError, InvalidArgument
from local.firestore.names import parse_database
from local.firestore.protos import ListenResponse, Message, Status, TargetChange, timestamp
from local.firestore.targets import Commit, QueryTarget, Target, make_target

_TOKEN_BYTES = 8
_TYPES = TargetChange.TargetChangeType

Event = Message | Commit | None
"""A request, a commit, or None at the end of the requests."""


class Listening:
    """Listen."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def listen(self, requests: AsyncIterator[Message]) -> AsyncIterator[Message]:
        """Serve one stream until the client ends it."""
        events: asyncio.Queue[Event] = asyncio.Queue()
        stream = Stream(self._engine)
        self._engine.observers.append(events.put_nowait)
        reader = asyncio.create_task(_read(requests, events))
        try:
            while (event := await events.get()) is not None:
                batch = [event]
                while not events.empty():
                    batch.append(events.get_nowait())
                for response in stream.answer(batch):
                    yield response
                if None in batch:
                    break
        finally:
            self._engine.observers.remove(events.put_nowait)
            reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await reader


async def _read(requests: AsyncIterator[Message], events: "asyncio.Queue[Event]") -> None:
    async for request in requests:
        events.put_nowait(request)
    events.put_nowait(None)


class Stream:
    """The targets of one stream."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._targets: dict[int, Target] = {}

    def answer(self, events: Iterable[Event]) -> Iterator[Message]:
        """What to say to some requests and commits."""
        told = False
        for event in events:
            if isinstance(event, list):
                for target in self._targets.values():
                    for response in target.update(event):
                        told = True
                        yield response
            elif event is not None:
                yield from self._request(event)
        if told:
            yield self._consistent()

    def _request(self, request: Message) -> Iterator[Message]:
        if request.WhichOneof("target_change") == "remove_target":
            self._targets.pop(request.remove_target, None)
            yield _change(_TYPES.REMOVE, request.remove_target)
            return
        wanted = request.add_target
        target_id = wanted.target_id or max(self._targets, default=0) + 1
        try:
            target = make_target(self._engine.store, target_id, parse_database(request.database), wanted)
            if isinstance(target, QueryTarget):
                self._engine.check_index(target.query)
            since = self._since(wanted)
        except FirestoreError as error:
            yield _refused(target_id, error)
            return
        yield _change(_TYPES.ADD, target_id)
        if since is None and wanted.WhichOneof("resume_type"):
            yield _change(_TYPES.RESET, target_id)
        self._targets[target_id] = target
        yield from target.begin(since)
        if since is not None:
            yield _filter(target_id, target.count())
        yield self._current(target_id)
        yield self._consistent()
        if wanted.once:
            del self._targets[target_id]
            yield _change(_TYPES.REMOVE, target_id)

    def _since(self, wanted: Message) -> int | None:
        """The moment that a client still knows the documents of; None when it must hear all."""
        kind = wanted.WhichOneof("resume_type")
        try:
            if kind == "resume_token" and len(wanted.resume_token) == _TOKEN_BYTES:
                return self._engine.past(timestamp(int.from_bytes(wanted.resume_token, "big")))
            if kind == "read_time":
                return self._engine.past(wanted.read_time)
        except (FailedPrecondition, InvalidArgument):
            return None
        return None

    def _current(self, target_id: int) -> Message:
        response = _change(_TYPES.CURRENT, target_id)
        self._stamp(response)
        return response

    def _consistent(self) -> Message:
        response = ListenResponse()
        response.target_change.target_change_type = _TYPES.NO_CHANGE
        self._stamp(response)
        return response

    def _stamp(self, response: Message) -> None:
        moment = self._engine.clock.read()
        response.target_change.read_time.CopyFrom(timestamp(moment))
        response.target_change.resume_token = moment.to_bytes(_TOKEN_BYTES, "big")


def _change(kind: int, target_id: int) -> Message:
    response = ListenResponse()
    response.target_change.target_change_type = kind
    response.target_change.target_ids.append(target_id)
    return response


def _filter(target_id: int, count: int) -> Message:
    """What a client that resumes holds against the number of documents it has."""
    response = ListenResponse()
    response.filter.target_id, response.filter.count = target_id, count
    return response


def _refused(target_id: int, error: FirestoreError) -> Message:
    response = _change(_TYPES.REMOVE, target_id)
    response.target_change.cause.CopyFrom(Status(code=error.code.value[0], message=error.message))
    return response
