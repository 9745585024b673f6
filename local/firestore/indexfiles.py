"""The indexes a project declares, from Terraform or from firestore.indexes.json.

Of Terraform only literal resources are understood. One that is made by for_each, count or a dynamic block
is refused, because guessing what it expands to would make the stand-in lie.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TOKEN = re.compile(
    r"""(?P<skip>\s+|\#[^\n]*|//[^\n]*|/\*.*?\*/)|(?P<string>"(?:[^"\\]|\\.)*")|(?P<word>[\w.\-]+)|(?P<mark>.)""",
    re.DOTALL,
)
_COMPUTED = {"for_each", "count", "dynamic"}

Block = dict[str, Any]


@dataclass(frozen=True)
class IndexField:
    """One field of an index: kind is ASC, DESC, CONTAINS or VECTOR<dimension>."""

    path: str
    kind: str


@dataclass(frozen=True)
class Index:
    """A composite index. `group` tells whether it serves collection group queries."""

    collection: str
    group: bool
    fields: tuple[IndexField, ...]


@dataclass(frozen=True)
class Override:
    """The single-field indexes of one field instead of the automatic ones, as kinds for each scope.

    The path "*" stands for every field of the collection that has no override of its own.
    """

    collection: str
    path: str
    alone: frozenset[str]
    """Kinds that serve queries of one collection."""
    group: frozenset[str]
    """Kinds that serve collection group queries."""


def read_indexes(path: Path) -> list[Index]:
    """The composite indexes declared in a .json file, a .tf file, or all .tf files of a folder.

    Raises:
        ValueError: when a declaration cannot be understood.
    """
    if path.suffix == ".json":
        return [_from_json(one) for one in json.loads(path.read_text("utf-8")).get("indexes", [])]
    return [_from_terraform(block) for block in _resources(path, "google_firestore_index")]


def read_overrides(path: Path) -> list[Override]:
    """The changes to single-field indexes declared there: exemptions and collection group scopes.

    Raises:
        ValueError: when a declaration cannot be understood.
    """
    if path.suffix == ".json":
        given = json.loads(path.read_text("utf-8")).get("fieldOverrides", [])
        return [
            _override(
                one["collectionGroup"],
                one["fieldPath"],
                [
                    (_kind(i.get("order"), i.get("arrayConfig"), None), i.get("queryScope"))
                    for i in one["indexes"]
                ],
            )
            for one in given
            if "indexes" in one
        ]
    return [
        _override(
            block["collection"],
            block["field"],
            [
                (_kind(i.get("order"), i.get("array_config"), None), i.get("query_scope"))
                for config in block["index_config"]
                for i in config.get("indexes", [])
            ],
        )
        for block in _resources(path, "google_firestore_field")
        if "index_config" in block
    ]


def _override(collection: str, path: str, indexes: list[tuple[str, str | None]]) -> Override:
    group = frozenset(kind for kind, scope in indexes if scope == "COLLECTION_GROUP")
    alone = frozenset(kind for kind, scope in indexes if scope != "COLLECTION_GROUP")
    return Override(collection, path, alone, group)


def _from_json(index: Block) -> Index:
    fields = [
        IndexField(one["fieldPath"], _kind(one.get("order"), one.get("arrayConfig"), one.get("vectorConfig")))
        for one in index["fields"]
    ]
    return _index(index["collectionGroup"], index.get("queryScope"), fields)


def _from_terraform(block: Block) -> Index:
    fields = []
    for one in block.get("fields", []):
        vector = one.get("vector_config", [None])[0]
        fields.append(IndexField(one["field_path"], _kind(one.get("order"), one.get("array_config"), vector)))
    return _index(block["collection"], block.get("query_scope"), fields)


def _index(collection: str, scope: str | None, fields: list[IndexField]) -> Index:
    named = tuple(one for one in fields if one.path != "__name__")
    return Index(collection, scope == "COLLECTION_GROUP", named)


def _kind(order: str | None, array: str | None, vector: Block | None) -> str:
    if vector is not None:
        return f"VECTOR<{int(vector['dimension'])}>"
    if array is not None:
        return "CONTAINS"
    return "DESC" if order == "DESCENDING" else "ASC"


def _resources(path: Path, kind: str) -> Iterator[Block]:
    files = sorted(path.glob("*.tf")) if path.is_dir() else [path]
    for file in files:
        tokens = [found for found in _TOKEN.finditer(file.read_text("utf-8")) if found.lastgroup != "skip"]
        position = 0
        while position + 3 < len(tokens):
            words = [token[0] for token in tokens[position : position + 2]]
            if words == ["resource", f'"{kind}"']:
                block, position = _block(tokens, position + 4)
                yield block
            else:
                position += 1


def _block(tokens: list[re.Match[str]], position: int) -> tuple[Block, int]:
    """The attributes and inner blocks up to the closing brace, and where it ends."""
    block: Block = {}
    while tokens[position][0] != "}":
        name = tokens[position][0]
        if name in _COMPUTED:
            raise ValueError(f"An index or a field with {name} cannot be read; write the resources out.")
        if tokens[position + 1][0] == "{":
            inner, position = _block(tokens, position + 2)
            block.setdefault(name, []).append(inner)
        else:
            block[name], position = _value(tokens, position + 2)
    return block, position + 1


def _value(tokens: list[re.Match[str]], position: int) -> tuple[str, int]:
    """A literal, or the text of an expression as long as its brackets are open."""
    text, depth = tokens[position][0], 0
    start = position
    while depth or position == start:
        depth += {"[": 1, "(": 1, "{": 1, "]": -1, ")": -1, "}": -1}.get(tokens[position][0], 0)
        position += 1
    return json.loads(text) if text.startswith('"') else text, position
