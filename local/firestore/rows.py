"""A document on its way through a query."""

from local.firestore import contents
from local.firestore.fieldpaths import NAME, FieldPath
from local.firestore.ordering import order_key, reference_key
from local.firestore.protos import Document, Message

_UNKNOWN = b"\xff\xff"
"""No value has this key."""


class Row:
    """A candidate: its document, and the order keys of the fields that the query has looked at."""

    __slots__ = ("_document", "_keys", "body", "places")

    def __init__(self, body: bytes, document: Message | None = None) -> None:
        self.body = body
        self._document = document
        self._keys: dict[FieldPath, bytes | None] = {}
        self.places: dict[str, bytes] = {}
        """Its keys in the orders that queries have asked for."""

    @property
    def document(self) -> Message:
        """The parsed document."""
        if self._document is None:
            self._document = Document.FromString(self.body)
        return self._document

    def value(self, path: FieldPath) -> Message | None:
        """The value at a path, or None."""
        return contents.get(self.document, path)

    def key(self, path: FieldPath) -> bytes | None:
        """The order key of the value at a path, or None when the field is not there."""
        key = self._keys.get(path, _UNKNOWN)
        if key is _UNKNOWN:
            value = None if path == NAME else self.value(path)
            if path == NAME:
                key = reference_key(self.document.name)
            else:
                key = order_key(value) if value is not None else None
            self._keys[path] = key
        return key
