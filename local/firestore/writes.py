"""Applying writes: preconditions, masks, transforms.

Source: google/firestore/v1/write.proto and common.proto.
"""

from collections.abc import Iterable

from local.firestore import contents
from local.firestore.catalog import Collection
from local.firestore.errors import AlreadyExists, FailedPrecondition, InvalidArgument, NotFound
from local.firestore.fieldpaths import parse_field_path
from local.firestore.names import DocumentName, parse_document
from local.firestore.protos import Document, Message, WriteResult, micros, timestamp
from local.firestore.store import Store
from local.firestore.transforms import MAX_TRANSFORMS, apply_transforms
from local.firestore.versions import Change


class Draft:
    """A document as a commit found it, and as it will leave it."""

    __slots__ = ("after", "before", "collection", "name", "transforms")

    def __init__(self, name: DocumentName, collection: Collection, before: Message | None) -> None:
        self.name, self.collection = name, collection
        self.before, self.after = before, before
        self.transforms = 0

    @property
    def changed(self) -> bool:
        """Whether the commit changes anything here."""
        return self.before is not self.after


class Drafts:
    """The documents that one commit touches, each write seeing what the earlier ones did."""

    def __init__(self, store: Store, database: str, time: int) -> None:
        self._store, self._database, self._time = store, database, time
        self._stamp = timestamp(time)
        self._drafts: dict[str, Draft] = {}

    def apply(self, write: Message) -> Message:
        """Do one write; returns its WriteResult. After an error the draft is as it was.

        Raises:
            FirestoreError: the precondition does not hold, or the document may not be stored.
        """
        draft = self._draft(written_name(write))
        current = draft.after
        check_precondition(write.current_document, current, draft.name.full, self._time)
        if write.WhichOneof("operation") == "delete":
            draft.after = None
            return WriteResult()
        result = WriteResult(update_time=self._stamp)
        new = self._updated(write, draft)
        transforms = transforms_of(write)
        draft.transforms += len(transforms)
        if draft.transforms > MAX_TRANSFORMS:
            raise InvalidArgument(
                f"Cannot apply more than {MAX_TRANSFORMS} field transforms to one document."
            )
        result.transform_results.extend(apply_transforms(new, transforms, self._time))
        contents.check_fields(new, draft.name)
        if current is not None and new.fields == current.fields:
            result.update_time.CopyFrom(current.update_time)
            return result
        self._stamp_times(new, current)
        draft.after = new
        return result

    def changed(self) -> list[Draft]:
        """The drafts that differ from what is stored."""
        return [draft for draft in self._drafts.values() if draft.changed]

    def _draft(self, name: str) -> Draft:
        draft = self._drafts.get(name)
        if draft is None:
            parsed = parse_document(name)
            if parsed.database != self._database:
                raise InvalidArgument(f'Document "{name}" is not in database "{self._database}".')
            collection = self._store.catalog.find(parsed.database, parsed.collection)
            body = self._store.read(collection, parsed.key) if collection else None
            before = Document.FromString(body) if body is not None else None
            draft = Draft(parsed, collection or Collection(0, parsed.database, parsed.collection), before)
            self._drafts[name] = draft
        return draft

    def _stamp_times(self, new: Message, current: Message | None) -> None:
        new.create_time.CopyFrom(self._stamp if current is None else current.create_time)
        new.update_time.CopyFrom(self._stamp)

    @staticmethod
    def _updated(write: Message, draft: Draft) -> Message:
        """The document after the update and its mask, before the transforms."""
        masked = write.HasField("update_mask") or write.WhichOneof("operation") == "transform"
        if not masked:
            return Document(name=draft.name.full, fields=write.update.fields)
        new = Document(name=draft.name.full)
        if draft.after is not None:
            new.CopyFrom(draft.after)
        for text in write.update_mask.field_paths:
            path = parse_field_path(text)
            value = contents.get(write.update, path)
            if value is None:
                contents.remove(new, path)
            else:
                contents.put(new, path, value)
        return new


def to_changes(store: Store, drafts: Iterable[Draft]) -> list[Change]:
    """What the store has to do; new collections are entered here."""
    changes = []
    for draft in drafts:
        if not draft.collection.number:
            draft.collection = store.collection(draft.name.database, draft.name.collection)
        body = draft.after.SerializeToString() if draft.after is not None else None
        changes.append(Change(draft.collection, draft.name.key, body, draft.before is not None))
    return changes


def written_name(write: Message) -> str:
    """The full name of the document that a write is about.

    Raises:
        InvalidArgument: when the write says nothing to do.
    """
    operation = write.WhichOneof("operation")
    if operation == "update":
        return str(write.update.name)
    if operation == "delete":
        return str(write.delete)
    if operation == "transform":
        return str(write.transform.document)
    raise InvalidArgument("A write must have an operation.")


def transforms_of(write: Message) -> list[Message]:
    """The transforms of a write, in either of the two places the protocol has for them."""
    if write.WhichOneof("operation") == "transform":
        return list(write.transform.field_transforms)
    return list(write.update_transforms)


def check_precondition(condition: Message, current: Message | None, name: str, now: int) -> None:
    """Hold a document against what a write requires of it.

    Raises:
        NotFound, AlreadyExists, FailedPrecondition: as the real service words them.
        InvalidArgument: a required update time lies after `now` (microseconds).
    """
    kind = condition.WhichOneof("condition_type")
    if kind == "exists":
        if condition.exists and current is None:
            raise NotFound(f"No document to update: {name}")
        if not condition.exists and current is not None:
            raise AlreadyExists(f"Document already exists: {name}")
    elif kind == "update_time":
        wanted = micros(condition.update_time)
        if wanted > now:
            raise InvalidArgument("The required update time of the document cannot be in the future.")
        if current is None:
            raise NotFound(f"No document to update: {name}")
        stored = micros(current.update_time)
        if stored != wanted:
            raise FailedPrecondition(
                f"the stored version ({stored}) does not match the required base version ({wanted})"
            )
