"""The part of requirements.txt that some modules need, with its versions and hashes.

Which distribution brings a module, and what that one requires in turn, is read from what is installed here,
for the platform the functions run on; versions and hashes are requirements.txt's. Nothing is downloaded.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_RUNTIME = ("functions-framework", "gunicorn", "httptools", "uvicorn", "uvicorn-worker", "uvloop")
"""What starts and serves a function; no module of ours imports all of it."""
_PLATFORM = {
    "implementation_name": "cpython",
    "os_name": "posix",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "platform_system": "Linux",
    "python_full_version": "3.11.9",
    "python_version": "3.11",
    "sys_platform": "linux",
}


class NotLocked(Exception):
    """What is installed and what is locked differ; the sentence says where, and what to do."""


@dataclass(frozen=True)
class Locked:
    """A distribution's lines of requirements.txt, without remarks."""

    version: str
    lines: tuple[str, ...]


class Requirements:
    """The lock file of `root`, and what is installed here."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def needed_by(self, modules: Iterable[str]) -> list[str]:
        """The names of all distributions that `modules` need, sorted.

        Raises NotLocked, also for a module that nothing installed brings.
        """
        wanted = {canonicalize_name(name) for name in _RUNTIME} | self._bringing(modules)
        waiting = [self._direct.get(root) or Requirement(root) for root in sorted(wanted)]
        seen: set[tuple[str, str]] = set()
        while waiting:
            one = waiting.pop()
            name = str(canonicalize_name(one.name))
            for extra in {"", *one.extras} - {extra for known, extra in seen if known == name}:
                seen.add((name, extra))
                waiting += self._required(name, extra)
        names = sorted({name for name, _ in seen})
        for one_name in names:
            self._check(one_name)
        return names

    def text(self, names: Iterable[str]) -> str:
        """These distributions as a requirements file, hashes included."""
        return "\n".join(line for name in names for line in self._locked[name].lines) + "\n"

    def installed_bytes(self, names: Iterable[str]) -> int:
        """What they take on disk once installed."""
        return sum(file.size or 0 for name in names for file in _installed()[name].files or ())

    @cached_property
    def _locked(self) -> dict[str, Locked]:
        return dict(_blocks((self._root / "requirements.txt").read_text(encoding="utf-8")))

    @cached_property
    def _direct(self) -> dict[str, Requirement]:
        """The project's own requirements, which may ask for extras."""
        project = tomllib.loads((self._root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        return {canonicalize_name(one.name): one for one in map(Requirement, project["dependencies"])}

    def _bringing(self, modules: Iterable[str]) -> set[str]:
        """The distributions that bring `modules`, of which some may be names inside a module."""
        modules = sorted(modules)
        found = {module: self._bringer(module) for module in modules}
        for module, bringer in found.items():
            within = [one for one in modules if one.startswith(f"{module}.") and found[one]]
            if bringer is None and not within:
                raise NotLocked(f"Nothing that is installed brings {module}; run scripts/setup.")
        return {one for one in found.values() if one}

    def _bringer(self, module: str) -> str | None:
        """The distribution of a module or of what it is a name in; None for a namespace like google.cloud."""
        while module and module not in _brings():
            module = module.rpartition(".")[0]
        return _brings().get(module)

    def _required(self, name: str, extra: str) -> Iterator[Requirement]:
        for line in _installed()[name].requires or ():
            one = Requirement(line)
            if one.marker is None and extra:
                continue
            if one.marker is None or one.marker.evaluate({**_PLATFORM, "extra": extra}):
                yield one

    def _check(self, name: str) -> None:
        locked, here = self._locked.get(name), _installed()[name].version
        if locked is None:
            raise NotLocked(f"{name} is needed and not in requirements.txt; run make lock.")
        if locked.version != here:
            raise NotLocked(f"{name} {locked.version} is locked, {here} is installed; run scripts/setup.")


@cache
def _installed() -> dict[str, Distribution]:
    """What is installed here, by name."""
    return {canonicalize_name(one.metadata["Name"]): one for one in distributions()}


@cache
def _brings() -> dict[str, str]:
    """Distribution by module."""
    found = {}
    for name, one in _installed().items():
        for file in one.files or ():
            if str(file).endswith((".py", ".so", ".pyd")) and file.parts[0] != "..":
                module = str(file).partition(".")[0].replace("/", ".")
                found[module.removesuffix(".__init__")] = name
    return found


def _blocks(text: str) -> Iterator[tuple[str, Locked]]:
    """Name and lines of each distribution of a requirements file as uv writes it."""
    kept = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    for block in re.split(r"\n(?=\S)", "\n".join(kept)):
        found = re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*])?==([^\s;\\]+)", block)
        if not found or "--hash=" not in block:
            raise NotLocked(f"{block.splitlines()[0]} is not pinned with hashes; run make lock.")
        yield canonicalize_name(found[1]), Locked(found[2], tuple(block.rstrip(" \\").splitlines()))
