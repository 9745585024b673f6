"""Documents of Firestore straight on the wire, for what is read and written by the thousand.

The client wraps every value of a document in a message of its own, which takes several times as long as the
call. Here the same requests are made of the bare protocol buffers, and sent through the same client.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from google.cloud.firestore import AsyncClient

Document = Mapping[str, Any]


class Seen(NamedTuple):
    """A document as it was read or written; `at` is its update time, None where there is no document."""

    document: dict[str, Any] | None
    at: Any


ABSENT = Seen(None, None)


class Wire:
    """Reads and commits of one database."""

    def __init__(self, client: "AsyncClient") -> None:
        self._client = client

    def path(self, collection: str, name: str) -> str:
        """The full name of a document."""
        return f"{self._client._database_string}/documents/{collection}/{name}"  # noqa: SLF001 - has no other

    async def read(self, paths: Sequence[str], **options: Any) -> dict[str, Seen]:
        """Each document by its full name. Raises what the client raises."""
        kinds = _kinds()
        request = kinds.get_request(database=self._client._database_string, documents=paths)  # noqa: SLF001
        found: dict[str, Seen] = {}
        stream = await self._client._firestore_api.batch_get_documents(  # noqa: SLF001
            request=kinds.wrap_get(request),
            metadata=self._client._rpc_metadata,  # noqa: SLF001
            **options,
        )
        async for wrapped in stream:
            answer = kinds.unwrap_get(wrapped)
            if answer.HasField("found"):
                one = answer.found
                found[one.name] = Seen(decoded(one.fields), one.update_time)
            elif answer.missing:
                found[answer.missing] = ABSENT
        return found

    def put(self, path: str, document: Document) -> Any:
        """The write that replaces a document, or makes it."""
        write = _kinds().write()
        write.update.name = path
        _fill(write.update.fields, document)
        return write

    def delete(self, path: str) -> Any:
        """The write that deletes a document; one that is absent is no error."""
        return _kinds().write(delete=path)

    @staticmethod
    def only(write: Any, seen: Seen) -> Any:
        """The write, to be done only while the document is as it was seen."""
        if seen.at is None:
            write.current_document.exists = False
        else:
            write.current_document.update_time.CopyFrom(seen.at)
        return write

    async def commit(self, writes: Sequence[Any], **options: Any) -> list[Any]:
        """Do all writes or none; their update times, in order. Raises what the client raises."""
        kinds = _kinds()
        request = kinds.commit_request(database=self._client._database_string, writes=writes)  # noqa: SLF001
        answer = await self._client._firestore_api.commit(  # noqa: SLF001
            request=kinds.wrap_commit(request),
            metadata=self._client._rpc_metadata,  # noqa: SLF001
            **options,
        )
        return [one.update_time for one in kinds.unwrap_commit(answer).write_results]

    async def write_each(self, writes: Sequence[Any], **options: Any) -> list[Any]:
        """Do each write by itself; its update time, None where it was refused. Raises as the client."""
        kinds = _kinds()
        request = kinds.each_request(database=self._client._database_string, writes=writes)  # noqa: SLF001
        answer = kinds.unwrap_each(
            await self._client._firestore_api.batch_write(  # noqa: SLF001
                request=kinds.wrap_each(request),
                metadata=self._client._rpc_metadata,  # noqa: SLF001
                **options,
            )
        )
        pairs = zip(answer.write_results, answer.status, strict=True)
        return [None if status.code else result.update_time for result, status in pairs]


class _Kinds:
    """The bare classes of the messages, and how the client's own wrap them."""

    def __init__(self) -> None:
        from google.cloud.firestore_v1.types import firestore, write

        self.write: Any = type(write.Write.pb(write.Write()))
        self.get_request: Any = type(
            firestore.BatchGetDocumentsRequest.pb(firestore.BatchGetDocumentsRequest())
        )
        self.commit_request: Any = type(firestore.CommitRequest.pb(firestore.CommitRequest()))
        self.each_request: Any = type(firestore.BatchWriteRequest.pb(firestore.BatchWriteRequest()))
        self.wrap_get: Any = firestore.BatchGetDocumentsRequest.wrap
        self.wrap_commit: Any = firestore.CommitRequest.wrap
        self.wrap_each: Any = firestore.BatchWriteRequest.wrap
        self.unwrap_get: Any = firestore.BatchGetDocumentsResponse.pb
        self.unwrap_commit: Any = firestore.CommitResponse.pb
        self.unwrap_each: Any = firestore.BatchWriteResponse.pb


@cache
def _kinds() -> _Kinds:
    return _Kinds()


def _fill(fields: Any, document: Document) -> None:
    for name, value in document.items():
        _set(fields[name], value)


def _set(target: Any, value: Any) -> None:  # noqa: C901 - one branch a kind of value
    if value is None:
        target.null_value = 0
    elif isinstance(value, bool):
        target.boolean_value = value
    elif isinstance(value, str):
        target.string_value = value
    elif isinstance(value, int):
        target.integer_value = value
    elif isinstance(value, float):
        target.double_value = value
    elif isinstance(value, bytes):
        target.bytes_value = value
    elif isinstance(value, datetime):
        target.timestamp_value.FromDatetime(value)
    elif isinstance(value, Mapping):
        target.map_value.SetInParent()
        _fill(target.map_value.fields, value)
    elif isinstance(value, (list, tuple)):
        target.array_value.SetInParent()
        for one in value:
            _set(target.array_value.values.add(), one)
    else:
        raise TypeError(f"{type(value).__name__} has no form in Firestore")


def decoded(fields: Any) -> dict[str, Any]:
    """A document's fields as Python has them."""
    return {name: _value(value) for name, value in fields.items()}


def _value(value: Any) -> Any:
    kind = value.WhichOneof("value_type")
    match kind:
        case "null_value":
            return None
        case "timestamp_value":
            return value.timestamp_value.ToDatetime(UTC)
        case "map_value":
            return decoded(value.map_value.fields)
        case "array_value":
            return [_value(one) for one in value.array_value.values]
        case _:
            return getattr(value, kind)
