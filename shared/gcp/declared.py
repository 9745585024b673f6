"""Messages of Google's APIs, declared field by field where a package would be imported for little else.

A package takes longer to import than the rest of a cold start, and few fields of it are used. The
declarations have the names and numbers of the published API, hence the same bytes; tests compare each field
with Google's package.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

Messages = Mapping[str, Mapping[str, tuple[int, str]]]
"""Of each message its fields: number and type. A message after a dot is nested in the one before it.

A type is a scalar, which an enumeration is to the wire too (int32), or a message of the same table, or one of
Google's well-known types by its full name; with a star when it is repeated; `map Value` is a map from texts;
`string of place` is one of the fields of which there is one at a time, `place`.
"""


class Declared:
    """The messages of one package. `known` are the generated modules of well-known types that they use."""

    def __init__(self, package: str, messages: Messages, known: Sequence[str] = ()) -> None:
        self.package, self._messages, self._known = package, messages, known

    def message(self, name: str) -> Any:
        """The class of a message; Any, because it is made at run time."""
        from google.protobuf.message_factory import GetMessageClass

        return GetMessageClass(self._pool.FindMessageTypeByName(f"{self.package}.{name}"))

    @cached_property
    def _pool(self) -> Any:
        """A pool of its own: in the default one the names would clash with Google's, where both are."""
        from importlib import import_module

        from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto
        from google.protobuf.descriptor_pool import DescriptorPool

        pool = DescriptorPool()
        file = FileDescriptorProto(name=f"docent/{self.package}", package=self.package, syntax="proto3")
        for module in self._known:
            described = import_module(f"google.protobuf.{module}").DESCRIPTOR
            pool.AddSerializedFile(described.serialized_pb)
            file.dependency.append(described.name)
        made: dict[str, DescriptorProto] = {}
        for name, fields in self._messages.items():
            outer, _, last = name.rpartition(".")
            made[name] = made[outer].nested_type.add() if outer else file.message_type.add()
            made[name].name = last
            for field, (number, kind) in fields.items():
                self._add_field(made[name], field, number, kind)
        pool.AddSerializedFile(file.SerializeToString())
        return pool

    def _add_field(self, made: Any, name: str, number: int, kind: str) -> None:
        from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Field

        kind, _, place = kind.partition(" of ")
        if kind.startswith("map "):
            kind = self._entry(made, name, kind.removeprefix("map "))
        field = made.field.add(name=name, number=number)
        field.label = Field.LABEL_REPEATED if kind.endswith("*") else Field.LABEL_OPTIONAL
        plain = kind.rstrip("*")
        if plain in self._messages:
            field.type, field.type_name = Field.TYPE_MESSAGE, f".{self.package}.{plain}"
        elif "." in plain:
            field.type, field.type_name = Field.TYPE_MESSAGE, f".{plain}"
        else:
            field.type = Field.Type.Value(f"TYPE_{plain.upper()}")
        if place:
            if place not in [one.name for one in made.oneof_decl]:
                made.oneof_decl.add(name=place)
            field.oneof_index = [one.name for one in made.oneof_decl].index(place)

    def _entry(self, made: Any, name: str, kind: str) -> str:
        """Nest the message of a map's entries; the type of its field."""
        entry = made.nested_type.add(name="".join(part.title() for part in name.split("_")) + "Entry")
        entry.options.map_entry = True
        self._add_field(entry, "key", 1, "string")
        self._add_field(entry, "value", 2, kind)
        return f"{self.package}.{made.name}.{entry.name}*"
