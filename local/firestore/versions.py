"""What goes into the store and comes out of it."""

from typing import NamedTuple

from local.firestore.catalog import Collection


class Stored(NamedTuple):
    """A version of a document as it lies in the store."""

    key: bytes
    body: bytes
    """A serialised Document, complete with its name and times."""


class Change(NamedTuple):
    """One document's new version; body None deletes it."""

    collection: Collection
    key: bytes
    body: bytes | None
    existed: bool
