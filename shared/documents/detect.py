"""Says what a file is by its content; its name and MIME type decide only between kinds of text."""

import re
import zipfile
from pathlib import Path
from typing import Final

from shared.documents.formats.alphabets import wide_encoding
from shared.documents.reasons import Unreadable, corrupt, empty

_HEAD = 8192

# Magic bytes at the start -> kind (public registries: IANA media types, the formats' specifications).
_MAGIC: Final = (
    (b"\x89PNG\r\n\x1a\n", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF87a", "image"),
    (b"GIF89a", "image"),
    (b"II*\x00", "image"),
    (b"MM\x00*", "image"),
    (b"BM", "bmp"),
    (b"{\\rtf", "rtf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"\x1f\x8b", "a compressed file"),
    (b"BZh", "a compressed file"),
    (b"\xfd7zXZ\x00", "a compressed file"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\xffWPC", "a WordPerfect document"),
    (b"%!PS", "a PostScript file"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3\x00", "a database"),
    (b"OggS", "an audio or video file"),
    (b"ID3", "an audio file"),
    (b"fLaC", "an audio file"),
    (b"\x1aE\xdf\xa3", "a video file"),
)

_SUFFIXES: Final = {
    "md": "markdown",
    "markdown": "markdown",
    "htm": "html",
    "html": "html",
    "xhtml": "html",
    "csv": "csv",
    "tsv": "csv",
    "tab": "csv",
    "eml": "email",
    "emlx": "email",
    "mht": "email",
    "mhtml": "email",
    "ipynb": "notebook",
    "xml": "xml",
}

_MIME_TYPES: Final = {
    "text/markdown": "markdown",
    "text/x-markdown": "markdown",
    "text/html": "html",
    "application/xhtml+xml": "html",
    "text/csv": "csv",
    "text/tab-separated-values": "csv",
    "message/rfc822": "email",
    "multipart/related": "email",
    "application/x-ipynb+json": "notebook",
    "application/xml": "xml",
    "text/xml": "xml",
}

# The main part's content type in [Content_Types].xml -> kind, with its macro and template variants.
_OFFICE: Final = (
    (b"wordprocessingml.document.main", "docx"),
    (b"wordprocessingml.template.main", "docx"),
    (b"ms-word.document.macroEnabled.main", "docx"),
    (b"ms-word.template.macroEnabledTemplate.main", "docx"),
    (b"spreadsheetml.sheet.main", "xlsx"),
    (b"spreadsheetml.template.main", "xlsx"),
    (b"ms-excel.sheet.macroEnabled.main", "xlsx"),
    (b"ms-excel.template.macroEnabled.main", "xlsx"),
    (b"presentationml.presentation.main", "pptx"),
    (b"presentationml.slideshow.main", "pptx"),
    (b"presentationml.template.main", "pptx"),
    (b"ms-powerpoint.presentation.macroEnabled.main", "pptx"),
    (b"ms-powerpoint.slideshow.macroEnabled.main", "pptx"),
    (b"ms-excel.sheet.binary", "a binary Excel workbook"),
    (b"visio", "a Visio drawing"),
    (b"fixedrepresentation", "an XPS file"),
)

_OPEN_DOCUMENT: Final = {
    "application/epub+zip": "epub",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.text-master": "odt",
    "application/vnd.oasis.opendocument.graphics": "odp",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.presentation": "odp",
}

_IMAGES: Final = (
    (b"\x89PNG", "image/png"),
    (b"\xff\xd8", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"RIFF", "image/webp"),
    (b"BM", "image/bmp"),
)

_MAIL_HEADER = re.compile(
    rb"^(from|to|subject|date|received|return-path|message-id|mime-version|delivered-to|x-[\w-]+):",
    re.IGNORECASE | re.MULTILINE,
)
_HTML = re.compile(
    rb"^\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)


def detect(path: Path, mime_type: str, name: str) -> str:
    """The kind of a file, a key of extract's table of readers.

    Raises Unreadable: empty for a file of no bytes, unsupported with the kind's name for what is no
    document, corrupt for a ZIP package without a directory.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise empty()
    kind = _by_magic(head) or _zip_kind(path, head)
    if kind is None:
        kind = _text_kind(head, mime_type, name)
    if " " in kind:
        raise Unreadable("unsupported", f"This is {kind}, which cannot be searched.")
    return kind


def image_type(data: bytes) -> str:
    """The MIME type of a picture by its first bytes, "" when it is none that is known."""
    return next((mime for magic, mime in _IMAGES if data.startswith(magic)), "")


def _by_magic(head: bytes) -> str | None:
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head[:4] == b"RIFF":
        return "image" if head[8:12] == b"WEBP" else "an audio or video file"
    if head[4:8] == b"ftyp":
        return "a photo or video file"
    kind = next((kind for magic, kind in _MAGIC if head.startswith(magic)), None)
    if kind == "bmp":  # two letters are little evidence: text may begin with them
        return "image" if b"\x00" in head[:32] else None
    return kind


def _zip_kind(path: Path, head: bytes) -> str | None:
    if not head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return None
    try:
        with zipfile.ZipFile(path) as package:
            names = set(package.namelist())
            if "mimetype" in names:
                with package.open("mimetype") as member:
                    stated = member.read(100).decode("ascii", "ignore").strip()
                return _OPEN_DOCUMENT.get(stated.removesuffix("-template"), "an archive of unknown content")
            types = next((each for each in names if each.lower() == "[content_types].xml"), None)
            if types is not None:
                with package.open(types) as member:
                    return _office_kind(member.read(2**20))
            if any(each.startswith("Index/") or each == "Index.zip" for each in names):
                return "an Apple iWork document"
    except Exception as error:
        # zipfile raises errors of many kinds on damaged directories; each means the same here
        raise corrupt("The archive") from error
    return "zip"


def _office_kind(types: bytes) -> str:
    lowered = types.lower()
    found = (kind for mark, kind in _OFFICE if mark.lower() in lowered)
    return next(found, "an office file of unknown kind")


def _text_kind(head: bytes, mime_type: str, name: str) -> str:
    if _is_binary(head):
        raise Unreadable("unsupported", "This is no document that can be searched.")
    plain = head.lstrip(b"\xef\xbb\xbf\r\n\t ")
    if _HTML.match(plain.replace(b"\x00", b"")):
        return "html"
    suffix = name.rpartition(".")[2].lower() if "." in name else ""
    kind = _SUFFIXES.get(suffix) or _MIME_TYPES.get(mime_type.partition(";")[0].strip().lower())
    if kind:
        return kind
    return "email" if len(_MAIL_HEADER.findall(plain.partition(b"\n\n")[0])) >= 3 else "text"  # noqa: PLR2004


_FEW: Final = 50
"""A zero in so many bytes may be in a text that somebody handled badly."""


def _is_binary(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or wide_encoding(head):
        return False
    zeros = head.count(0)
    control = sum(head.count(code) for code in (*range(1, 8), *range(14, 26)))
    if zeros * _FEW < len(head):
        return control > (0 if zeros else len(head) // 5)
    # UTF-16 without a byte order mark: every other byte is zero, always on the same side
    even, odd = head[::2].count(0), head[1::2].count(0)
    return not (zeros > len(head) // 4 and min(even, odd) * 50 < max(even, odd))
