"""The messages of Firestore and Secret Manager that are declared here are Google's own, byte for byte."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from google.cloud import firestore_v1, secretmanager_v1
from google.cloud.firestore_v1 import types as firestore_types
from google.cloud.secretmanager_v1.services import secret_manager_service
from google.protobuf.descriptor import FieldDescriptor
from google.rpc.status_pb2 import Status

from shared.gcp import firestore_kinds, secrets
from shared.gcp.declared import Declared
from shared.gcp.firestore_kinds import OPERATORS, OR, kinds
from shared.gcp.firestore_messages import decoded, increment, merging

FIRESTORE = Declared("google.firestore.v1", firestore_kinds.MESSAGES, ["timestamp_pb2"])
DECLARED = [
    *((FIRESTORE, firestore_types, name) for name in firestore_kinds.MESSAGES),
    *((secrets.DECLARED, secretmanager_v1, name) for name in secrets.MESSAGES),
]


def googles(package: Any, name: str) -> Any:
    """Google's descriptor of a message of ours."""
    if name == "Status":
        return Status.DESCRIPTOR
    first, *inner = name.split(".")
    kind = getattr(package, first)
    found = kind.pb(kind()).DESCRIPTOR
    for one in inner:
        found = found.nested_types_by_name[one]
    return found


def shape(field: FieldDescriptor) -> tuple[Any, ...]:
    """What of a field decides its bytes; an enumeration is written as a number is."""
    number = FieldDescriptor.TYPE_INT32 if field.type == FieldDescriptor.TYPE_ENUM else field.type
    place = field.containing_oneof.name if field.containing_oneof else ""
    kind = field.message_type
    if kind is None or kind.full_name.endswith("Status"):
        return field.number, number, field.is_repeated, place
    if kind.GetOptions().map_entry:
        return field.number, "map", *(shape(one) for one in kind.fields), place
    return field.number, kind.full_name, field.is_repeated, place


@pytest.mark.parametrize(("declared", "package", "name"), DECLARED, ids=[one[2] for one in DECLARED])
def test_a_message_has_googles_fields(declared: Declared, package: Any, name: str) -> None:
    """Each field has Google's name, number, type, multiplicity and alternatives."""
    real = googles(package, name)
    ours = declared.message(name).DESCRIPTOR.fields
    assert {one.name: shape(one) for one in ours} == {
        one.name: shape(real.fields_by_name[one.name]) for one in ours
    }


def test_a_write_is_googles_write() -> None:
    """Every kind of value comes back as it went out, and Google's package reads and writes the same bytes."""
    at = datetime(2026, 12, 1, 3, 4, 5, 678_000, UTC)
    values = {
        "n": None,
        "b": True,
        "i": -7,
        "d": 0.5,
        "t": at,
        "s": "",
        "y": b"x",
        "a": [1, {"z": ["ü"]}],
        "m": {},
    }
    write = merging("projects/p/databases/d/documents/c/x", values, [increment("`a b`.c", 1)])
    write.current_document.exists = False
    assert decoded(write.update.fields) == values
    theirs = firestore_types.Write.deserialize(write.SerializeToString())
    bare = firestore_types.Write.pb(theirs)
    assert bare.SerializeToString(deterministic=True) == write.SerializeToString(deterministic=True)
    assert decoded(kinds().write.FromString(bare.SerializeToString()).update.fields) == values


def test_the_numbers_of_operators_are_googles() -> None:
    """An enumeration is a number here."""
    query = firestore_types.StructuredQuery
    names = {"==": "EQUAL", "array_contains": "ARRAY_CONTAINS"}
    assert {one: int(query.FieldFilter.Operator[names[one]]) for one in OPERATORS} == OPERATORS
    assert int(query.CompositeFilter.Operator.OR) == OR


@pytest.mark.parametrize(
    ("package", "place"),
    [
        (firestore_v1, "services/firestore/transports/grpc.py"),
        (secret_manager_service, "transports/grpc.py"),
    ],
)
def test_the_methods_are_googles(package: Any, place: str) -> None:
    """Google's own transports call the same paths."""
    source = (Path(package.__file__ or "").parent / place).read_text(encoding="utf-8")
    called = {
        firestore_v1: [
            f"google.firestore.v1.Firestore/{one}"
            for one in ("BatchGetDocuments", "BatchWrite", "Commit", "RunAggregationQuery", "RunQuery")
        ],
        secret_manager_service: [
            f"{secrets.DECLARED.package}.{service}/{method}"
            for method, (service, _) in secrets.METHODS.items()
        ],
    }
    for path in called[package]:
        assert f'"/{path}"' in source
