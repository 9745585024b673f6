"""What the lock files name, with the licence that each package says it has. Nothing is downloaded."""

import base64
import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.txt", "requirements-dev.txt", "scripts/uv.txt")
"""The first names what a function is deployed with, the others what is used on the way."""
PAGE = "chat-app/package-lock.json"
_PINNED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)", re.MULTILINE)
_HASH = re.compile(r"--hash=(sha256):([0-9a-f]{64})")
_OSI = "License :: OSI Approved :: "


@dataclass(frozen=True)
class Component:
    """A package. `licence` is an SPDX expression; `hashes` are (algorithm, hex) of each of its files.

    `shipped` is whether it is part of a deployed function or of the page.
    """

    name: str
    version: str
    kind: str
    licence: str
    hashes: tuple[tuple[str, str], ...]
    shipped: bool

    @property
    def purl(self) -> str:
        """Its package URL (github.com/package-url/purl-spec)."""
        return f"pkg:{self.kind}/{self.name.replace('@', '%40')}@{self.version}"


@cache
def licences() -> dict[str, Any]:
    """licences.toml."""
    return tomllib.loads((Path(__file__).parent / "licences.toml").read_text(encoding="utf-8"))


def components(root: Path = ROOT) -> list[Component]:
    """All packages, by package URL; one that two lock files name is told once, as shipped if it is in one."""
    found: dict[str, Component] = {}
    for number, lock in enumerate(LOCKS):
        for one in _python(root / lock, shipped=number == 0):
            found.setdefault(one.purl, one)
    for one in _page(root / PAGE):
        kept = found.get(one.purl)
        if kept is None or (one.shipped and not kept.shipped):
            found[one.purl] = one
    return [found[purl] for purl in sorted(found)]


def allowed(component: Component) -> bool:
    """Whether it may be used for what it is used for."""
    known = licences()
    permitted = set(known["shipped"]) | (set() if component.shipped else set(known["tools"]))
    either = [_parts(one, " AND ") for one in _parts(component.licence, " OR ")]
    return any(set(parts) <= permitted for parts in either)


def _parts(expression: str, between: str) -> list[str]:
    return [part.strip("() ") for part in expression.split(between)]


def _python(lock: Path, *, shipped: bool) -> Iterator[Component]:
    text = lock.read_text(encoding="utf-8")
    pins = list(_PINNED.finditer(text))
    for pin, following in zip(pins, [*pins[1:], None], strict=True):
        lines = text[pin.end() : following.start() if following else len(text)]
        name = re.sub(r"[-_.]+", "-", pin["name"]).lower()
        hashes = tuple((algorithm, digest) for algorithm, digest in _HASH.findall(lines))
        yield Component(name, pin["version"], "pypi", _licence(name), hashes, shipped)


def _licence(name: str) -> str:
    """What the installed package says, in SPDX's words; "" when it says nothing that is understood."""
    stated = licences()["stated"].get(name)
    if stated:
        return str(stated["licence"])
    try:
        told = distribution(name).metadata
    except PackageNotFoundError:
        return ""
    if told.get("License-Expression"):
        return str(told["License-Expression"])
    classified = [
        _spelled(one.removeprefix(_OSI)) for one in told.get_all("Classifier", []) if one.startswith(_OSI)
    ]
    written = str(told.get("License") or "").partition("\n")[0]
    return " OR ".join(classified) or " OR ".join(_spelled(one) for one in written.split(" OR "))


def _spelled(name: str) -> str:
    return str(licences()["spelled"].get(name, name))


def _page(lock: Path) -> Iterator[Component]:
    """The lock file of npm, whose `integrity` is the hash of the archive (W3C Subresource Integrity)."""
    packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    for path, one in packages.items():
        if not path:
            continue
        name = path.rpartition("node_modules/")[2]
        hashes = tuple(
            (algorithm, base64.b64decode(digest).hex())
            for algorithm, _, digest in (part.partition("-") for part in one["integrity"].split())
        )
        yield Component(name, one["version"], "npm", one.get("license", ""), hashes, not one.get("dev"))
