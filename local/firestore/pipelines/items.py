"""What goes from stage to stage: a document, or the fields that stages have made of one."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from local.firestore.fieldpaths import FieldPath
from local.firestore.pipelines.values import EvaluationError, Maybe, mapping, type_of
from local.firestore.protos import Document, Message, Value

Fields = Mapping[str, Message]
"""Values may be shared between items: nothing changes them in place."""

NAME, CREATED, UPDATED = "__name__", "__create_time__", "__update_time__"


@dataclass(frozen=True)
class Item:
    """One row. The three fields of a stored document's own are there until a stage drops them."""

    fields: Fields
    name: str = ""
    created: Any = None
    updated: Any = None
    """Timestamps, or None."""
    variables: Mapping[str, Maybe] = field(default_factory=dict)
    score: float = 0.0
    """How well it matched the last search stage."""

    def get(self, path: FieldPath) -> Maybe:
        """The value at a path, or None."""
        if path[0] in _OWN and len(path) == 1:
            return _own(self, path[0])
        value = self.fields.get(path[0])
        for name in path[1:]:
            if value is None or value.WhichOneof("value_type") != "map_value":
                return None
            value = value.map_value.fields.get(name)
        return value

    def put(self, path: FieldPath, value: Maybe) -> "Item":
        """A copy with a value at a path; None takes the field away."""
        if path[0] in _OWN and len(path) == 1:
            return _with_own(self, path[0], value)
        return replace(self, fields=_put(self.fields, path, value))

    def document(self) -> Message:
        """The item as the protocol carries results."""
        made = Document(name=self.name)
        for name, value in self.fields.items():
            made.fields[name].CopyFrom(value)
        if self.created is not None:
            made.create_time.CopyFrom(self.created)
        if self.updated is not None:
            made.update_time.CopyFrom(self.updated)
        return made


_OWN = frozenset({NAME, CREATED, UPDATED})


def stored(document: Message, variables: Mapping[str, Maybe]) -> Item:
    """A document of the store as an item."""
    return Item(document.fields, document.name, document.create_time, document.update_time, variables)


def _own(item: Item, name: str) -> Maybe:
    if name == NAME:
        return Value(reference_value=item.name) if item.name else None
    stamp = item.created if name == CREATED else item.updated
    return None if stamp is None else Value(timestamp_value=stamp)


def _with_own(item: Item, name: str, value: Maybe) -> Item:
    wanted = "reference" if name == NAME else "timestamp"
    if value is not None and type_of(value) != wanted:
        raise EvaluationError(f"The field {name} can only hold a {wanted}.")
    if name == NAME:
        return replace(item, name="" if value is None else value.reference_value)
    stamp = None if value is None else value.timestamp_value
    return replace(item, created=stamp) if name == CREATED else replace(item, updated=stamp)


def _put(fields: Fields, path: FieldPath, value: Maybe) -> Fields:
    copy = dict(fields)
    if len(path) > 1:
        inner = fields.get(path[0])
        is_map = inner is not None and type_of(inner) == "map"
        if value is None and not is_map:
            return fields
        value = mapping(_put(inner.map_value.fields if inner is not None and is_map else {}, path[1:], value))
    if value is None:
        copy.pop(path[0], None)
    else:
        copy[path[0]] = value
    return copy
