"""The body of a multipart upload: metadata as JSON, then the bytes (RFC 2387, multipart/related)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any

from local.storage.call import json_object
from local.storage.errors import invalid

_BLANK = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True)
class Parts:
    """Metadata and bytes; `content_type` is what the second part calls itself."""

    fields: Mapping[str, Any]
    content_type: str
    data: bytes


def parse(content_type: str, body: bytes) -> Parts:
    """The two parts. Raises ApiError 400 when they are not there."""
    header = Message()
    header["content-type"] = content_type
    boundary = header.get_param("boundary")
    if header.get_content_type() != "multipart/related" or not isinstance(boundary, str) or not boundary:
        raise invalid("Invalid multipart request with 0 mime parts.")
    mark = b"--" + boundary.encode()
    begin, end = body.find(mark), body.rfind(mark + b"--")
    middle = _line(body, mark, begin + len(mark))
    if begin < 0 or not begin < middle < end:
        raise invalid("Invalid multipart request with 1 mime parts.")
    _, text = _part(body[begin + len(mark) : middle])
    head, data = _part(body[middle + len(mark) : end])
    return Parts(json_object(text), str(head.get("content-type") or ""), data)


def _line(body: bytes, mark: bytes, start: int) -> int:
    """Where the mark next begins a line; -1 when it does not."""
    at = body.find(b"\n" + mark, start)
    return at + 1 if at >= 0 else -1


def _part(part: bytes) -> tuple[Message, bytes]:
    """Headers and content of a part, which ends with the line break before the next mark."""
    head, content = Message(), part.removesuffix(b"\n").removesuffix(b"\r")
    blank = _BLANK.search(content)
    if blank is None:
        return head, b""
    for line in content[: blank.start()].splitlines():
        name, colon, value = line.decode("latin-1").partition(":")
        if colon:
            head[name.strip()] = value.strip()
    return head, content[blank.end() :]
