"""The RPCs that read documents by name, and list them."""

import base64
import binascii
from bisect import bisect_left
from collections.abc import AsyncIterator

from local.firestore import contents, listing
from local.firestore.engine import Engine, View
from local.firestore.errors import InvalidArgument, NotFound, Unimplemented
from local.firestore.fieldpaths import FieldPath, parse_field_path
from local.firestore.names import ParentName, check_id, parse_database, parse_document, parse_parent
from local.firestore.protos import (
    BatchGetDocumentsResponse,
    Document,
    ListCollectionIdsResponse,
    ListDocumentsResponse,
    Message,
)
from local.firestore.query import Bound, Query
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
        """A page of documents; with show_missing also those that only have descendants."""
        parent = parse_parent(request.parent)
        if request.show_missing and request.order_by:
            raise InvalidArgument("show_missing cannot be combined with order_by.")
        if request.collection_id:
            check_id(request.collection_id, document=False)
        elif request.show_missing:
            raise Unimplemented("ListDocuments with show_missing needs a collection_id.")
        view = self._engine.view(request, parent.database)
        size = page_size(request, DEFAULT_PAGE)
        if request.show_missing:
            page, token = self._with_missing(request, parent, view.at, size)
        else:
            page, token = await self._in_order(request, parent, view, size)
        paths = mask_paths(request)
        response = ListDocumentsResponse(next_page_token=token)
        for name, body in page:
            if body is None:
                response.documents.add(name=name)
            else:
                response.documents.append(Document.FromString(masked(body, paths)))
        return response

    def _with_missing(
        self, request: Message, parent: ParentName, at: int | None, size: int
    ) -> tuple[list[tuple[str, bytes | None]], str]:
        path = f"{parent.path}/{request.collection_id}" if parent.path else request.collection_id
        page = listing.documents(
            self._engine.store, parent.database, path, at=at, after=_decode(request.page_token), size=size + 1
        )
        token = _encode(page[size - 1].key) if len(page) > size else ""
        return [(entry.name, entry.body) for entry in page[:size]], token

    async def _in_order(
        self, request: Message, parent: ParentName, view: View, size: int
    ) -> tuple[list[tuple[str, bytes | None]], str]:
        start = _decode(request.page_token)
        query = Query(
            parent=parent,
            collection_id=request.collection_id,
            descendants=False,
            orders=listing.parse_order(request.order_by),
            start=Bound(start, before=False) if start else None,
            limit=size + 1,
        )
        rows = (await self._engine.run(view, query)).rows
        token = _encode(query.sort_key(rows[size - 1])) if len(rows) > size else ""
        return [(row.name, row.body) for row in rows[:size]], token

    async def list_collection_ids(self, request: Message) -> Message:
        """A page of the ids of the collections right below a document or the root."""
        parent = parse_parent(request.parent)
        view = (
            View()
            if request.WhichOneof("consistency_selector") is None
            else self._engine.view(request, parent.database)
        )
        ids = listing.collection_ids(self._engine.store, parent, view.at)
        size = page_size(request, DEFAULT_PAGE)
        start = bisect_left(ids, _decode(request.page_token), key=str.encode)
        response = ListCollectionIdsResponse(collection_ids=ids[start : start + size])
        if start + size < len(ids):
            response.next_page_token = _encode(ids[start + size].encode())
        return response


def page_size(request: Message, default: int) -> int:
    """How many results a request wants on a page.

    Raises:
        InvalidArgument: fewer than none.
    """
    if request.page_size < 0:
        raise InvalidArgument("page_size must not be negative.")
    return int(request.page_size) or default


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
