"""The modules and data files that a module needs, found by reading the code, imports inside functions too.

A module-level function that nothing reached mentions is passed over with what it imports: the room of the
SDKs makes a client a function, and who never calls one need not carry its SDK. In doubt it is taken along.
"""

import ast
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Unknowable(Exception):
    """An import or a file that reading the code cannot find; the sentence says where."""


@dataclass(frozen=True)
class Needed:
    """What the start module needs: files of ours, and the names that are imported of others' modules."""

    files: set[Path]
    outside: set[str]


def needed(root: Path, start: str, own: tuple[str, ...] = ("shared", "functions")) -> Needed:
    """Everything that `start` can import, from the top-level packages `own` of `root` on.

    Raises:
        Unknowable: at a relative import, at `import_module` of a name that is computed, at data that no
            string names, and when there is no module `start`.
    """
    if _path(root, start) is None:
        raise Unknowable(f"There is no module {start}.")
    reader = _Reader(root, own)
    mentioned, grown = set[str](), {start, f"{start}.*"}
    while grown != mentioned:
        mentioned = grown
        grown = mentioned | reader.mentioned_by(mentioned)
    files = {path for module in reader.modules(mentioned) for path in reader.files(module)}
    ours = {*own, *sys.stdlib_module_names}
    return Needed(files, {one.removesuffix(".*") for one in mentioned if one.partition(".")[0] not in ours})


class _Reader:
    """Reads each module once, in pieces: its functions, and the rest, which runs when it is imported."""

    def __init__(self, root: Path, own: tuple[str, ...]) -> None:
        self._root, self._own = root, own
        self._pieces: dict[str, dict[str, set[str]]] = {}

    def modules(self, names: Iterable[str]) -> set[str]:
        """The modules of ours among these names and what they are in."""
        parts = [one.split(".") for one in names if one.partition(".")[0] in self._own]
        every = {".".join(one[:length]) for one in parts for length in range(1, len(one) + 1)}
        return {one for one in every if _path(self._root, one)}

    def mentioned_by(self, names: set[str]) -> set[str]:
        """Every name in the pieces that `names` reach: "module.name", or "module.*" for all of it."""
        found = set[str]()
        for module in self.modules(names):
            for function, mentions in self._read(module).items():
                if not function or {f"{module}.{function}", f"{module}.*"} & names:
                    found |= mentions
        return found

    def files(self, module: str) -> set[Path]:
        """The module's own file, and the data it reads."""
        path = _path(self._root, module)
        return {path} | _data(path) if path else set()

    def _read(self, module: str) -> dict[str, set[str]]:
        if module not in self._pieces:
            path = _path(self._root, module)
            assert path is not None  # noqa: S101 - `modules` looked
            tree = ast.parse(path.read_text(encoding="utf-8"))
            aliases = dict(self._bound(tree))
            pieces: dict[str, set[str]] = {"": set()}
            for node in tree.body:
                name = node.name if isinstance(node, Function) and not node.decorator_list else ""
                pieces.setdefault(name, set()).update(self._mentions(module, path, node, aliases))
            self._pieces[module] = pieces
        return self._pieces[module]

    def _bound(self, tree: ast.Module) -> Iterator[tuple[str, str]]:
        """The names that imports give to modules of ours."""
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                for one in node.names:
                    whole = f"{node.module}.{one.name}"
                    if whole.partition(".")[0] in self._own and _path(self._root, whole):
                        yield one.asname or one.name, whole

    def _mentions(self, module: str, path: Path, node: ast.AST, aliases: dict[str, str]) -> Iterator[str]:
        """Every name that this piece of a module may reach."""
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            return
        asked = set()
        for one in ast.walk(node):
            if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name):
                asked.add(id(one.value))
                if one.value.id in aliases:
                    yield f"{aliases[one.value.id]}.{one.attr}"
            elif isinstance(one, ast.Name) and id(one) not in asked:
                # A module that is handed on as a thing may be asked for anything in it.
                yield f"{aliases[one.id]}.*" if one.id in aliases else f"{module}.{one.id}"
        yield from _imports(self._root, path, node)


@cache
def _path(root: Path, name: str) -> Path | None:
    """The file of a module; None when it is none."""
    place = root.joinpath(*name.split("."))
    for path in (place.with_suffix(".py"), place / "__init__.py"):
        if path.is_file():
            return path
    return None


def _imports(root: Path, path: Path, tree: ast.AST) -> Iterator[str]:
    """The names that some code imports; of `from a import b` both a and a.b, as b may be a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for one in node.names:
                yield from (one.name, f"{one.name}.*")
        elif isinstance(node, ast.ImportFrom):
            if node.level or not node.module:
                raise Unknowable(f"{path}:{node.lineno} imports relatively.")
            yield node.module
            yield from (f"{node.module}.{one.name}" for one in node.names)
        elif isinstance(node, ast.Call) and _called(node) in ("import_module", "__import__"):
            yield from _by_name(root, path, node)


def _called(node: ast.Call) -> str:
    """The last part of the name of what is called."""
    return ast.unparse(node.func).rpartition(".")[2]


def _by_name(root: Path, path: Path, node: ast.Call) -> Iterator[str]:
    """The modules `import_module` may be asked for, whole: one, or all of the package a name begins with."""
    wanted = node.args[0]
    first = wanted.values[0] if isinstance(wanted, ast.JoinedStr) else None
    if isinstance(wanted, ast.Constant) and isinstance(wanted.value, str):
        names = [wanted.value]
    elif isinstance(first, ast.Constant) and str(first.value).endswith("."):
        package = str(first.value).rstrip(".")
        folder = root.joinpath(*package.split("."))
        names = [f"{package}.{one.stem}" for one in sorted(folder.glob("*.py")) if one.stem != "__init__"]
    else:
        raise Unknowable(f"{path}:{node.lineno} imports a module whose name is computed.")
    for name in names:
        yield from (f"{name}.*", name)


_LONGEST_NAME = 80
"""Characters: a string that is longer is a sentence or a pattern, and file systems refuse to look for it."""


def _data(path: Path) -> set[Path]:
    """The files beside a module that mentions __file__, as far as its strings name them or their folder.

    Raises Unknowable when it names none.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if not any(isinstance(node, ast.Name) and node.id == "__file__" for node in ast.walk(tree)):
        return set()
    words = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    names = {
        one for one in words if isinstance(one, str) and 0 < len(one) <= _LONGEST_NAME and "\n" not in one
    }
    named = [path.parent / one for one in names]
    files = {one for one in named if one.is_file() and one.suffix != ".py"}
    for folder in (one for one in named if one.is_dir() and one.parent == path.parent):
        files |= {one for one in folder.rglob("*") if one.is_file() and one.suffix not in (".py", ".pyc")}
    if not files:
        raise Unknowable(f"{path} reads files beside it, and none of its strings names one.")
    return files
