"""One file in, its text with locators out."""

import struct
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from shared.documents import limits
from shared.documents.detect import detect
from shared.documents.reasons import Unreadable, corrupt
from shared.documents.source import ImageReader, Source
from shared.models import Extraction, Transcript

__all__ = ["ImageReader", "extract"]

# Kind -> module under formats and its function. Imported when the first such file arrives: a parser
# costs start-up time that a function serving questions should not pay.
_READERS: Final = {
    "csv": ("csv", "read"),
    "docx": ("docx", "read"),
    "email": ("email", "read"),
    "epub": ("epub", "read"),
    "html": ("html", "read"),
    "image": ("image", "read"),
    "markdown": ("markdown", "read"),
    "notebook": ("notebook", "read"),
    "odp": ("odf", "read_slides"),
    "ods": ("ods", "read"),
    "odt": ("odf", "read_text"),
    "ole": ("ole", "read"),
    "pdf": ("pdf", "read"),
    "pptx": ("pptx", "read"),
    "rtf": ("rtf", "read"),
    "text": ("text", "read"),
    "xlsx": ("xlsx", "read"),
    "xml": ("html", "read_xml"),
    "zip": ("zip", "read"),
}

# What parsers raise when a damaged file leads them astray.
_DAMAGE: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    RecursionError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
)


def extract(path: Path, mime_type: str, name: str, read_image: ImageReader | None = None) -> Extraction:
    """Read a file, whatever its name and MIME type claim.

    Pages and pictures without a text layer are given to `read_image`, whose own errors pass through;
    without it a picture raises Unreadable("needs-ocr") and a page leaves a warning. Blocking and
    CPU-bound: call it from a worker thread.

    Raises:
        Unreadable: nothing can be read; the code and the sentence say why.
        OSError: the file itself cannot be opened.
    """
    guarded = None if read_image is None else _guarded(read_image)
    try:
        return _read(path, mime_type, name, guarded, 0)
    except _ReaderFailed as failure:
        raise failure.error from None


class _ReaderFailed(BaseException):
    """Carries the image reader's own error past what catches the errors of parsers."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


def _guarded(read_image: ImageReader) -> ImageReader:
    def read(data: bytes, mime_type: str) -> Transcript:
        try:
            return read_image(data, mime_type)
        except Exception as error:
            raise _ReaderFailed(error) from error

    return read


def _read(path: Path, mime_type: str, name: str, read_image: ImageReader | None, depth: int) -> Extraction:
    if path.stat().st_size > limits.FILE_BYTES:
        raise Unreadable("too-large", f"The file is larger than {limits.FILE_BYTES // 2**20} MB.")
    kind = detect(path, mime_type, name)
    if kind not in _READERS:
        raise Unreadable("unsupported", f"Files of this kind ({kind}) cannot be searched yet.")
    module, function = _READERS[kind]
    reader: Any = getattr(import_module(f"shared.documents.formats.{module}"), function)

    def nested(data: bytes, inner_type: str, inner_name: str) -> Extraction:
        return _nested(data, inner_type, inner_name, read_image, depth + 1)

    source = Source(path, name, nested, read_image)
    try:
        extraction: Extraction = reader(source)
    except _DAMAGE as error:
        raise corrupt() from error
    return extraction


def _nested(data: bytes, mime_type: str, name: str, read_image: ImageReader | None, depth: int) -> Extraction:
    if depth > limits.DEPTH:
        raise Unreadable("too-large", f"{name} lies too deep within other files.")
    with tempfile.NamedTemporaryFile(prefix="docent-part-") as file:
        file.write(data)
        file.flush()
        return _read(Path(file.name), mime_type, name, read_image, depth)
