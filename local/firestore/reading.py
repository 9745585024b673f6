"""The RPCs that read documents by name, and list them."""

import base64
import binascii
from bisect import bisect_left
from collections.abc import AsyncIterator

from local.firestore import contents, listing
from local.firestore.engine import Engine, View
from local.firestore.errors import InvalidArgument, NotFound, Unimplemented
from local.firestore.fieldpaths import FieldPath, parse_field_path
from local.firestore.names import check_id, parse_database, parse_document, parse_parent
from local.firestore.protos import (
    BatchGetDocumentsResponse,
    Document,
    ListCollectionIdsResponse,
    ListDocumentsResponse,
    Message,
)
from local.firestore.wire import embedded, field_number, stamp

DEFAULT_PAGE = 300
"""Documents, or collection ids, on a page when the request does not say."""

_FOUND = field_number(BatchGetDocumentsResponse, "found")
_MISSING = field_number(BatchGetDocumentsResponse, "missing")
_TRANSACTION = field_number(BatchGetDocumentsResponse, "transaction")
_READ_TIME = field_number(BatchGetDocumentsResponse, "read_time")


class Reading:
    """BatchGetDocuments, GetDocument, ListDocuments, ListCollectionIds."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def batch_get_documents(self, request: Message) -> AsyncIterator[bytes]:
        """Each document once: first those found, then those missing."""
        database = parse_database(request.database)
        names = [parse_document(name) for name in dict.fromkeys(request.documents)]
        if any(name.database != database for name in names):
            raise InvalidArgument(f'A document is not in database "{database}".')
        view = self._engine.view(request, database)
        paths = mask_paths(request)
        bodies = await self._engine.read(view, names)
        tail = embedded(_READ_TIME, stamp(self._engine.read_time(view)))
        if view.started:
            yield embedded(_TRANSACTION, view.started) + (b"" if names else tail)
        for body in bodies:
            if body is not None:
                yield embedded(_FOUND, masked(body, paths)) + tail
        for name, body in zip(names, bodies, strict=True):
            if body is None:
                yield embedded(_MISSING, name.full.encode()) + tail

    async def get_document(self, request: Message) -> bytes:
        """One document.

        Raises:
            NotFound: it does not exist.
        """
        name = parse_document(request.name)
        view = self._engine.view(request, name.database)
        (body,) = await self._engine.read(view, [name])
        if body is None:
            raise NotFound(f'Document "{name.full}" not found.')
        return masked(body, mask_paths(request))

    async def list_documents(self, request: Message) -> Message:
        """A page of documents by name; with show_missing also those that only have descendants."""
        parent = parse_parent(request.parent)
        if request.show_missing and request.order_by:
            raise InvalidArgument("show_missing cannot be combined with order_by.")
        if request.order_by not in {"", "__name__", "__name__ asc"}:
            raise Unimplemented("ListDocuments orders by __name__ only; use RunQuery for other orders.")
        view = self._engine.view(request, parent.database)
        if not request.collection_id:
            raise Unimplemented("ListDocuments needs a collection_id; use RunQuery to read all collections.")
        check_id(request.collection_id, document=False)
        path = f"{parent.path}/{request.collection_id}" if parent.path else request.collection_id
        size = request.page_size or DEFAULT_PAGE
        page = listing.documents(
            self._engine.store,
            parent.database,
            path,
            at=view.at,
            after=_decode(request.page_token),
            size=size + 1,
            missing=request.show_missing,
        )
        paths = mask_paths(request)
        response = ListDocumentsResponse()
        for entry in page[:size]:
            if entry.body is None:
                response.documents.add(name=entry.name)
            else:
                response.documents.append(Document.FromString(masked(entry.body, paths)))
        if len(page) > size:
            response.next_page_token = _encode(page[size - 1].key)
        return response

    async def list_collection_ids(self, request: Message) -> Message:
        """A page of the ids of the collections right below a document or the root."""
        parent = parse_parent(request.parent)
        view = (
            View()
            if request.WhichOneof("consistency_selector") is None
            else self._engine.view(request, parent.database)
        )
        ids = listing.collection_ids(self._engine.store, parent, view.at)
        size = request.page_size or DEFAULT_PAGE
        start = bisect_left(ids, _decode(request.page_token), key=str.encode)
        response = ListCollectionIdsResponse(collection_ids=ids[start : start + size])
        if start + size < len(ids):
            response.next_page_token = _encode(ids[start + size].encode())
        return response


def mask_paths(request: Message) -> tuple[FieldPath, ...] | None:
    """The fields that a request's mask keeps; None keeps all."""
    if not request.HasField("mask"):
        return None
    return tuple(parse_field_path(path) for path in request.mask.field_paths)


def masked(body: bytes, paths: tuple[FieldPath, ...] | None) -> bytes:
    """A serialised document with only the fields at the paths."""
    if paths is None:
        return body
    return bytes(contents.projected(Document.FromString(body), paths).SerializeToString())


def _encode(key: bytes) -> str:
    return base64.urlsafe_b64encode(key).decode()


def _decode(token: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(token)
    except (binascii.Error, ValueError):
        raise InvalidArgument("Invalid page token.") from None
