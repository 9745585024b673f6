"""ZIP packages and the XML in them, read within bounds.

Sizes in a ZIP directory are claims of whoever wrote it; what counts here is what really unpacks.
Office packages may not carry a document type declaration (ECMA-376 part 2, 8.1.4), so one that does
is refused before a parser sees its entities.
"""

import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, Self

from lxml import etree

from shared.documents import limits
from shared.documents.reasons import Unreadable, bomb, corrupt, encrypted

_BLOCK = 1 << 16
_PROLOG = 4096
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, MemoryError)


class _Meter:
    """A member being unpacked: a readable file that counts, and stops a bomb while it grows."""

    def __init__(self, stream: IO[bytes], packed: int, package: "Package", limit: int) -> None:
        self._stream = stream
        self._packed = max(packed, 1)
        self._package = package
        self._limit = limit
        self._seen = 0

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes; raises Unreadable past a limit or where the data are damaged."""
        wanted = _BLOCK if size < 0 else size
        try:
            data = self._stream.read(wanted)
        except RuntimeError as error:  # zipfile's answer to an encrypted member
            raise encrypted() from error
        except _BROKEN as error:
            raise corrupt() from error
        self._seen += len(data)
        self._package.unpacked += len(data)
        if self._seen > limits.RATIO_FROM and self._seen > limits.RATIO * self._packed:
            raise bomb()
        if self._seen > self._limit or self._package.unpacked > limits.PACKAGE_BYTES:
            raise Unreadable("too-large", "The file unpacks to more than can be read.")
        return data

    def close(self) -> None:
        """Let go of the member."""
        self._stream.close()


class Package:
    """An open ZIP package, names matched without regard to case, as the Open Packaging Conventions ask."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except RuntimeError as error:
            raise encrypted() from error
        except _BROKEN as error:
            raise corrupt() from error
        infos = self._zip.infolist()
        if len(infos) > limits.MEMBERS:
            self._zip.close()
            raise bomb()
        self.unpacked = 0
        self._relations: dict[str, dict[str, tuple[str, str]]] = {}
        self._infos = {_name(info.filename).lower(): info for info in infos if not info.is_dir()}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._zip.close()

    @property
    def names(self) -> list[str]:
        """The members' names, in the directory's order."""
        return [_name(info.filename) for info in self._infos.values()]

    def has(self, name: str) -> bool:
        """Whether there is such a member."""
        return _name(name).lower() in self._infos

    def size(self, name: str) -> int:
        """The unpacked size that the directory claims, 0 when there is no such member."""
        info = self._infos.get(_name(name).lower())
        return info.file_size if info else 0

    def open(self, name: str, limit: int = limits.MEMBER_BYTES) -> _Meter:
        """A member as a stream; raises Unreadable("corrupt") when it is missing or damaged."""
        info = self._infos.get(_name(name).lower())
        if info is None:
            raise corrupt()
        try:
            return _Meter(self._zip.open(info), info.compress_size, self, limit)
        except RuntimeError as error:
            raise encrypted() from error
        except _BROKEN as error:
            raise corrupt() from error

    def read(self, name: str, limit: int = limits.MEMBER_BYTES) -> bytes:
        """A whole member."""
        stream = self.open(name, limit)
        try:
            return b"".join(iter(lambda: stream.read(_BLOCK), b""))
        finally:
            stream.close()

    def tree(self, name: str) -> etree._Element:
        """The root of an XML member, held in memory; raises Unreadable when it is too large or broken."""
        return parse_xml(self.read(name, limits.TREE_BYTES))

    def elements(self, name: str, *tags: str) -> Iterator[etree._Element]:
        """Each outermost element of these local names as it ends, emptied afterwards; memory stays flat.

        Raises Unreadable: corrupt where the XML breaks off, too-large when a single element is.
        """
        stream = _Watched(self.open(name))
        wanted = tuple(f"{{*}}{tag}" for tag in tags)
        try:
            for _, element in etree.iterparse(stream, events=("end",), tag=wanted, **_SAFE):
                if any(local(parent) in tags for parent in element.iterancestors()):
                    continue
                yield element
                stream.live = 0
                _forget(element)
        except etree.XMLSyntaxError as error:
            raise corrupt() from error
        finally:
            stream.close()

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Relationship id -> (last word of its type, target part or address) of one part; read once."""
        if part not in self._relations:
            self._relations[part] = self._read_relations(part)
        return self._relations[part]

    def _read_relations(self, part: str) -> dict[str, tuple[str, str]]:
        folder, name = posixpath.split(part)
        rels = posixpath.join(folder, "_rels", f"{name}.rels")
        if not self.has(rels):
            return {}
        found: dict[str, tuple[str, str]] = {}
        for element in self.tree(rels):
            target, kind = element.get("Target", ""), element.get("Type", "")
            if element.get("TargetMode") != "External":
                target = target.lstrip("/") if target.startswith("/") else _join(folder, target)
            found[element.get("Id", "")] = (kind.rsplit("/", 1)[-1], target)
        return found

    def related(self, part: str, kind: str) -> list[str]:
        """The parts that `part` names in relationships of one type, those that exist."""
        return [
            target for type_, target in self.relations(part).values() if type_ == kind and self.has(target)
        ]


class _Watched:
    """A stream of XML that may have no document type declaration and only so many elements at a time."""

    def __init__(self, stream: _Meter) -> None:
        self._stream = stream
        self._first = True
        self.live = 0
        """Marks since the last element was let go: about twice the elements that are in memory."""

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        if self._first:
            self._first = False
            _refuse_entities(data)
        self.live += data.count(b"<")
        refuse_crowd(self.live)
        return data

    def close(self) -> None:
        self._stream.close()


_SAFE: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


def parse_xml(data: bytes) -> etree._Element:
    """The root of an XML document without entities; raises Unreadable("corrupt" or "bomb")."""
    _refuse_entities(data)
    refuse_crowd(data.count(b"<"))
    try:
        return etree.fromstring(data, etree.XMLParser(**_SAFE))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise corrupt() from error


def local(element: etree._Element) -> str:
    """An element's name without its namespace, so that strict and transitional files read alike."""
    return _without_namespace(str(element.tag))


@lru_cache(maxsize=2048)
def _without_namespace(tag: str) -> str:
    return tag.rpartition("}")[2]


def attribute(element: etree._Element, name: str) -> str:
    """An attribute by its local name in any namespace, "" when it is absent."""
    value = element.get(name)
    return value if value is not None else link(element, name)


def link(element: etree._Element, name: str = "id") -> str:
    """A relationship's id, which is an attribute in a namespace: plain `id` may be another number."""
    suffix = "}" + name
    return next((str(text) for key, text in element.attrib.items() if str(key).endswith(suffix)), "")


def _refuse_entities(data: bytes) -> None:
    start = data[:_PROLOG].replace(b"\x00", b"").upper()
    if b"<!DOCTYPE" in start or b"<!ENTITY" in start:
        raise bomb()


def refuse_crowd(marks: int) -> None:
    """Raise Unreadable("too-large") when so many tags would be too many elements in memory.

    An element takes some 150 bytes there, however few it takes in the file.
    """
    if marks > limits.MARKS:
        raise Unreadable("too-large", "The file has more parts than can be held in memory.")


def _forget(element: etree._Element) -> None:
    element.clear()
    while (previous := element.getprevious()) is not None:
        parent = previous.getparent()
        if parent is None:
            break
        parent.remove(previous)


def _name(name: str) -> str:
    return name.replace("\\", "/").lstrip("/")


def _join(folder: str, target: str) -> str:
    return posixpath.normpath(posixpath.join(folder, target)) if target else ""
