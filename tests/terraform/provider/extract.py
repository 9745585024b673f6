"""Reads the google provider's schema out of the PyPI wheel of its CDK bindings.

The bindings are generated from the provider's own schema: each resource is a TypeScript class, kept whole in
the source map of its JavaScript, in which every argument stands under a comment such as
`// name - computed: false, optional: false, required: true`, with its type in its getter, and in which
`synthesizeHclAttributes` and the `...ToHclTerraform` functions tell blocks from arguments.

A schema is `{"attributes": {name: [type, kind]}, "blocks": {name: [nesting, required, most, schema]}}`: the
type as Terraform writes it in JSON; the kind "required", "optional", "both" (optional and computed) or
"computed"; the nesting "list", "set" or "single"; and `most` the largest number of such blocks, 0 for any.
"""

import base64
import io
import json
import re
import tarfile
import zipfile
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

Schema = dict[str, Any]

_CLASS_KINDS = {
    "TerraformResource": "resource",
    "TerraformDataSource": "data",
    "TerraformProvider": "provider",
}
_SPLIT = {"container-cluster", "data-google-container-cluster", "data-loss-prevention-deidentify-template"}
"""Modules so large that their classes stand in several files. Docent has no use for them."""

_SOURCE_MAP = re.compile(r"sourceMappingURL=data:application/json;base64,([A-Za-z0-9+/=]+)")
_RESOURCE_TYPE = re.compile(r'tfResourceType = "(\w+)"')
_CLASS = re.compile(r"^export class (\w+) extends cdktf\.(\w+)", re.MULTILINE)
_MEMBER = re.compile(r"// (\w+) - computed: (true|false), optional: (true|false), required: (true|false)\n")
_GETTER = re.compile(r"this\.get(\w+)Attribute\('\w+'\)")
_NESTED = re.compile(r'= new ((?:cdktf\.)?\w+)\(this, "\w+"')
_ENTRY = re.compile(
    r'^ +(\w+): \{\s+value: [^\n]+\n\s+isBlock: (true|false),\s+type: "(\w+)",\s+storageClassType: "(\w+)"',
    re.MULTILINE,
)
_TYPES = {
    "String": "string",
    "Number": "number",
    "Boolean": "bool",
    "List": ["list", "string"],
    "NumberList": ["list", "number"],
    "StringMap": ["map", "string"],
    "BooleanMap": ["map", "bool"],
    "NumberMap": ["map", "number"],
    "AnyMap": ["map", "string"],
}
_STORED = {
    "string": "string",
    "number": "number",
    "boolean": "bool",
    "stringList": ["list", "string"],
    "stringMap": ["map", "string"],
}
_KINDS = {
    ("false", "false", "true"): "required",
    ("false", "true", "false"): "optional",
    ("true", "true", "false"): "both",
    ("true", "false", "false"): "computed",
}


def extract(wheel: Path) -> dict[str, dict[str, Schema]]:
    """The schemas of the provider itself and of all its resources and data sources, by `kind` and type."""
    found: dict[str, dict[str, Schema]] = {"provider": {}, "resource": {}, "data": {}}
    for folder, source in _sources(wheel):
        if folder in _SPLIT:
            continue
        module = _Module(source)
        for name, parent in module.parents.items():
            if parent in _CLASS_KINDS and (kind := _RESOURCE_TYPE.search(module.bodies[name])):
                found[_CLASS_KINDS[parent]][kind[1]] = module.schema(name)
    return found


def _sources(wheel: Path) -> Iterator[tuple[str, str]]:
    """Each module's folder and TypeScript."""
    with zipfile.ZipFile(wheel) as outer:
        name = next(one for one in outer.namelist() if one.endswith(".jsii.tgz"))
        archive = io.BytesIO(outer.read(name))
    with tarfile.open(fileobj=archive, mode="r|gz") as inner:
        for member in inner:
            path = Path(member.name)
            if path.name == "index.js" and path.parent.parent.name == "lib":
                file = inner.extractfile(member)
                if file is not None and (found := _SOURCE_MAP.search(file.read().decode())):
                    yield path.parent.name, json.loads(base64.b64decode(found[1]))["sourcesContent"][0]


class _Module:
    """The classes of one module, and which arguments of each are blocks."""

    def __init__(self, source: str) -> None:
        starts = [*_CLASS.finditer(source)]
        ends = [*(one.start() for one in starts[1:]), len(source)]
        self.parents = {one[1]: one[2] for one in starts}
        self.bodies = {one[1]: source[one.start() : end] for one, end in zip(starts, ends, strict=True)}
        self._functions = dict(
            re.findall(r"^export function (\w+)\((?:.|\n)*?\{\n((?:.|\n)*?)^\}", source, re.MULTILINE)
        )

    def schema(self, name: str) -> Schema:
        """What a class describes."""
        attributes: dict[str, Any] = {}
        blocks: dict[str, Any] = {}
        entries = self._entries(name)
        for member, kind, text in self._members(name):
            nested = _NESTED.search(text)
            block, shape, stored = entries.get(member, (False, "", ""))
            if nested and block:
                inner, most = self._element(nested[1])
                nesting = "single" if shape == "struct" else shape
                blocks[member] = [nesting, kind == "required", most, self.schema(inner)]
            else:
                attributes[member] = [self._type(nested[1] if nested else "", text, shape, stored), kind]
        return {"attributes": attributes, "blocks": blocks}

    def _members(self, name: str) -> Iterator[tuple[str, str, str]]:
        body = self.bodies[name]
        marks = [*_MEMBER.finditer(body)]
        for mark, after in zip_longest(marks, marks[1:]):
            yield mark[1], _KINDS[mark[2], mark[3], mark[4]], body[mark.end() : after and after.start()]

    def _entries(self, name: str) -> dict[str, tuple[bool, str, str]]:
        """Of each argument that can be set: is it a block; list, set, map, struct, simple; its type."""
        text = self.bodies[name]
        if self.parents[name] == "ComplexObject":
            function = name.removesuffix("OutputReference") + "ToHclTerraform"
            text = self._functions.get(function[0].lower() + function[1:], "")
        return {found[1]: (found[2] == "true", found[3], found[4]) for found in _ENTRY.finditer(text)}

    def _element(self, class_name: str) -> tuple[str, int]:
        """The class of one element, and how many there may be (0: any number)."""
        if self.parents[class_name] == "ComplexObject":
            return class_name, 1
        return class_name.removesuffix("List") + "OutputReference", 0

    def _type(self, nested: str, text: str, shape: str, stored: str) -> Any:
        if nested.startswith("cdktf."):
            return {"cdktf.StringMap": ["map", "string"]}.get(nested, ["list", ["map", "string"]])
        if nested:
            inner, _ = self._element(nested)
            return [shape if shape == "set" else "list", ["object", self._object(inner)]]
        getter = _GETTER.search(text)
        found = _TYPES[getter[1]] if getter else _STORED.get(stored, "dynamic")
        return ["set", found[1]] if shape == "set" or "Fn.tolist(" in text else found

    def _object(self, name: str) -> dict[str, Any]:
        """The type of an attribute that is made of attributes."""
        schema = self.schema(name)
        own = {key: kind for key, (kind, _) in schema["attributes"].items()}
        return own | {
            key: [one[0], ["object", self._object_of(one[3])]] for key, one in schema["blocks"].items()
        }

    def _object_of(self, schema: Schema) -> dict[str, Any]:
        return {key: kind for key, (kind, _) in schema["attributes"].items()}
