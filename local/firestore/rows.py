"""A document on its way through a query."""

from local.firestore import contents
from local.firestore.envelopes import DocumentEnvelope, serialized_value
from local.firestore.fieldpaths import NAME, FieldPath
from local.firestore.ordering import order_key, reference_key
from local.firestore.protos import Document, Message, Value

_UNKNOWN = b"\xff\xff"
"""No value has this key."""
_SHORT = 2000
"""Bytes up to which a document is parsed whole, which is then the fastest."""


class Row:
    """A candidate: its document, and the order keys of the fields that the query has looked at.

    A row made of a document alone has an empty `body`.
    """

    __slots__ = ("_document", "_envelope", "_keys", "body", "places")

    def __init__(self, body: bytes, document: Message | None = None) -> None:
        self.body = body
        self._document = document
        self._envelope: Message | None = None
        self._keys: dict[FieldPath, bytes | None] = {}
        self.places: dict[str, bytes] = {}
        """Its keys in the orders that queries have asked for."""

    @property
    def document(self) -> Message:
        """The parsed document."""
        if self._document is None:
            self._document = Document.FromString(self.body)
        return self._document

    @property
    def name(self) -> str:
        """The document's full name."""
        return str((self.document if self._whole else self._opened()).name)

    def serialized(self, path: FieldPath) -> bytes | None:
        """The serialised value at a path, or None."""
        return serialized_value(self._opened(), path)

    def value(self, path: FieldPath) -> Message | None:
        """The value at a path, or None."""
        if self._whole or path == NAME:
            return contents.get(self.document, path)
        found = self.serialized(path)
        return None if found is None else Value.FromString(found)

    def key(self, path: FieldPath) -> bytes | None:
        """The order key of the value at a path, or None when the field is not there."""
        key = self._keys.get(path, _UNKNOWN)
        if key is _UNKNOWN:
            value = None if path == NAME else self.value(path)
            if path == NAME:
                key = reference_key(self.name)
            else:
                key = order_key(value) if value is not None else None
            self._keys[path] = key
        return key

    @property
    def _whole(self) -> bool:
        return self._document is not None or len(self.body) < _SHORT

    def _opened(self) -> Message:
        if self._envelope is None:
            self._envelope = DocumentEnvelope.FromString(self.body)
        return self._envelope
