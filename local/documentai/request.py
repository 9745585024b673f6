"""What a processors.process request asks for (google.cloud.documentai.v1.ProcessRequest)."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.drive import errors as drive_errors
from local.fields import Mask, parse_fields
from local.httperrors import ApiError, invalid

MIME_TYPES = frozenset(
    {
        "application/pdf",
        "image/bmp",
        "image/gif",
        "image/jpeg",
        "image/png",
        "image/tiff",
        "image/webp",
    }
)
PAGES, IMAGELESS_PAGES = 15, 30
"""How many pages one request may have; more without the pages' images (imagelessMode)."""
MAX_DOCUMENT = 40 * 1024 * 1024
_SELECTORS = frozenset({"individualPageSelector", "fromStart", "fromEnd"})
_HINTS = frozenset({"hints", "languageHints", "enableNativePdfParsing"})


@dataclass(frozen=True)
class Asked:
    """A document, how to read it, and which part of the answer is wanted."""

    content: bytes
    mime_type: str
    options: Mapping[str, Any]
    mask: Mask


def read_request(body: Mapping[str, Any]) -> Asked:
    """The request. Raises ApiError 400 for what is wrong, 501 for what is not emulated."""
    for name in ("inlineDocument", "gcsDocument"):
        if body.get(name):
            raise ApiError(501, f"{name} is not emulated by the local Document AI; send rawDocument.")
    raw = body.get("rawDocument")
    if not isinstance(raw, Mapping) or not raw.get("content"):
        raise invalid("Request must contain a document: rawDocument.content is empty.")
    mime_type = str(raw.get("mimeType") or "")
    if mime_type not in MIME_TYPES:
        raise invalid(f"Unsupported input file format: mime type '{mime_type}'.")
    content = _content(raw["content"])
    limit = IMAGELESS_PAGES if body.get("imagelessMode") else PAGES
    options = {"mime": mime_type, "limit": limit, **_selection(body.get("processOptions") or {})}
    return Asked(content, mime_type, options, _mask(body.get("fieldMask")))


def _content(text: Any) -> bytes:
    try:
        content = base64.b64decode(str(text).translate(str.maketrans("-_", "+/")), validate=True)
    except (binascii.Error, ValueError):
        raise invalid(
            "Invalid value at 'raw_document.content' (TYPE_BYTES), Base64 decoding failed."
        ) from None
    if len(content) > MAX_DOCUMENT:
        raise invalid(f"Document size ({len(content)}) exceeds the limit: {MAX_DOCUMENT}.")
    return content


def _selection(given: Mapping[str, Any]) -> dict[str, Any]:
    """Which pages, in the words of engine.py."""
    extra = given.keys() - _SELECTORS - {"ocrConfig"} | (given.get("ocrConfig") or {}).keys() - _HINTS
    if extra:
        names = ", ".join(sorted(extra))
        raise ApiError(501, f"processOptions {names} are not emulated by the local Document AI.")
    numbers = (given.get("individualPageSelector") or {}).get("pages") or []
    first, last = given.get("fromStart") or 0, given.get("fromEnd") or 0
    if not isinstance(numbers, list) or not all(_whole(each) for each in (*numbers, first, last)):
        raise invalid("Invalid value at 'process_options': whole numbers are expected.")
    return {"pages": numbers, "fromStart": first, "fromEnd": last}


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _mask(text: Any) -> Mask:
    """Which fields of the Document: `text,pages.pageNumber` (or with `document.` in front of each)."""
    if not text:
        return Mask()
    paths = [part.strip().removeprefix("document.").replace(".", "/") for part in str(text).split(",")]
    try:
        return parse_fields(",".join(paths), "*", "")
    except drive_errors.ApiError:
        raise invalid(f"Invalid field mask: {text}.") from None
