"""Partial responses: the `fields` parameter of Google's APIs.

Grammar (Google APIs, "Partial response"): names separated by commas, `a/b` and `a(b,c)` for what is inside,
`*` for everything.
"""

import re
from typing import Any

from local.drive.errors import ApiError
from local.drive.schema import SCHEMAS

_TOKEN = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*|[*,()/])\s*")


class Mask:
    """Which fields are wanted. Without entries everything is."""

    def __init__(self) -> None:
        self.inside: dict[str, Mask] = {}

    def __contains__(self, name: str) -> bool:
        return not self.inside or "*" in self.inside or name in self.inside

    def of(self, name: str) -> "Mask":
        """The mask for what is inside a field."""
        return self.inside.get(name) or self.inside.get("*") or Mask()

    def pick(self, value: Any) -> Any:
        """The wanted part of a JSON value."""
        if isinstance(value, list):
            return [self.pick(one) for one in value]
        if not isinstance(value, dict) or not self.inside:
            return value
        return {name: self.of(name).pick(one) for name, one in value.items() if name in self}


class _Parser:
    def __init__(self, text: str, schema: str) -> None:
        self._text, self._position, self._schema = text, 0, schema
        self._tokens: list[str] = []
        while self._position < len(text):
            match = _TOKEN.match(text, self._position)
            if match is None:
                raise self._wrong(text[self._position :])
            self._tokens.append(match[1])
            self._position = match.end()
        self._at = 0

    def _wrong(self, what: str) -> ApiError:
        message = f"Invalid field selection {what}"
        return ApiError(400, "invalidParameter", message, location="fields")

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        token = self._peek()
        self._at += 1
        return token

    def parse(self) -> Mask:
        mask = Mask()
        self._list(mask, self._schema)
        if self._peek() or not mask.inside:
            raise self._wrong(self._peek() or self._text)
        return mask

    def _list(self, mask: Mask, schema: str) -> None:
        self._one(mask, schema)
        while self._peek() == ",":
            self._take()
            self._one(mask, schema)

    def _one(self, mask: Mask, schema: str) -> None:
        name = self._take()
        known = SCHEMAS.get(schema)
        if name in {"", ",", "(", ")", "/"} or (known is not None and name != "*" and name not in known):
            raise self._wrong(name or self._text)
        inside = mask.inside.setdefault(name, Mask())
        below = known.get(name, "") if known is not None else ""
        if self._peek() == "/":
            self._take()
            self._one(inside, below)
        elif self._peek() == "(":
            self._take()
            self._list(inside, below)
            if self._take() != ")":
                raise self._wrong(self._text)


def parse_fields(text: str | None, default: str, schema: str) -> Mask:
    """The mask that a request asks for. Raises ApiError (400) for unknown fields and bad grammar."""
    return _Parser(text or default, schema).parse()
