"""Field paths: a.b, with backticks around a name that is not a plain word.

Source: the comment on StructuredQuery.FieldReference and Document.fields in google/firestore/v1.
"""

import re
from functools import lru_cache

from local.firestore.errors import InvalidArgument

FieldPath = tuple[str, ...]

NAME: FieldPath = ("__name__",)
MAX_PATH_BYTES = 1500

_SEGMENT = re.compile(
    r"([A-Za-z_\u0080-\U0010ffff][A-Za-z_0-9\u0080-\U0010ffff]*)|`((?:[^`\\]|\\.)+)`", re.DOTALL
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_SIMPLE = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")


@lru_cache(maxsize=10_000)
def parse_field_path(text: str) -> FieldPath:
    """The names in a field path, outermost first.

    Raises:
        InvalidArgument: when it is not a field path.
    """
    names: list[str] = []
    position = 0
    while True:
        found = _SEGMENT.match(text, position)
        if not found:
            raise InvalidArgument(
                f'Invalid property path "{text}". Unquoted property name contains illegal characters.'
            )
        names.append(found[1] if found[1] is not None else _ESCAPE.sub(r"\1", found[2]))
        position = found.end()
        if position == len(text):
            break
        if text[position] != ".":
            raise InvalidArgument(
                f'Invalid property path "{text}". Unquoted property name contains illegal characters.'
            )
        position += 1
    if len(text.encode()) > MAX_PATH_BYTES:
        raise InvalidArgument(f"Property path is longer than {MAX_PATH_BYTES} bytes.")
    return tuple(names)


def format_field_path(path: FieldPath) -> str:
    """The text of a path, quoted where it must be."""
    return ".".join(name if _SIMPLE.fullmatch(name) else _quoted(name) for name in path)


def _quoted(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace("`", "\\`")
    return f"`{escaped}`"
