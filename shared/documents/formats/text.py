"""Plain text of any encoding."""

import re
from collections.abc import Iterator

from shared.documents.formats.alphabets import encoding_of, wide_encoding
from shared.documents.outline import Outline
from shared.documents.reasons import corrupt
from shared.documents.source import Source
from shared.models import Extraction

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_SHIFTS = (
    (re.compile(rb"\x1b\$\)C"), "iso2022_kr"),
    (re.compile(rb"\x1b\$[@B(]"), "iso2022_jp_3"),
    (re.compile(rb"~\{(?:[!-w][!-~]){2,}~\}"), "hz"),
)
"""Seven-bit encodings of East Asia, which look like ASCII, by what switches them over."""
_SAMPLE = 64 * 1024
_FEW = 50
"""A zero in so many bytes is none of UTF-16's."""
_BLANK_LINE = re.compile(r"\n[ \t]*\n")


def read(source: Source) -> Extraction:
    """Paragraphs are what blank lines part; lines within stay lines."""
    outline = Outline()
    text = decode(source.data()).replace("\r\n", "\n").replace("\r", "\n")
    for paragraph in _BLANK_LINE.split(text):
        outline.add(paragraph)
    return outline.extraction()


def decode(data: bytes, stated: str = "") -> str:
    """The characters of these bytes.

    By byte order mark, else UTF-16 when zeros or the rows of characters say so, else by the shifts of ISO
    2022 and HZ, else UTF-8 when it is valid, else the stated encoding, else by the languages of single-byte
    encodings, else by charset-normalizer's judgement of a sample.

    Raises Unreadable("corrupt") when no encoding fits.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    sample = data[:_SAMPLE]
    if b"\x00" in sample:
        return _without_mark(data)
    for encoding in filter(None, _candidates(sample, stated)):
        try:
            return data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode(_guess(data), "replace")


def _candidates(sample: bytes, stated: str) -> Iterator[str]:
    """What the whole text is tried in, the surest first."""
    yield from (encoding for shift, encoding in _SHIFTS if shift.search(sample))
    yield "utf-8"
    yield wide_encoding(sample)
    yield stated


def _without_mark(data: bytes) -> str:
    """Text with zeros: UTF-16, or another encoding in which somebody has left some."""
    wide = wide_encoding(data[:_SAMPLE])
    if wide:
        return data.decode(wide, "replace")
    even, odd = data[:_SAMPLE:2].count(0), data[1:_SAMPLE:2].count(0)
    if 2 * min(even, odd) > max(even, odd) or (even + odd) * _FEW < len(data[:_SAMPLE]):
        return decode(data.replace(b"\0", b""))
    little = data[1:_SAMPLE:2].count(0) >= data[:_SAMPLE:2].count(0)
    return data.decode("utf-16-le" if little else "utf-16-be", "replace")


def _guess(data: bytes) -> str:
    sample = data[:_SAMPLE]
    known = encoding_of(sample)
    if known:
        return known
    if _fits_windows(sample):
        return "cp1252"
    from charset_normalizer import from_bytes

    matches = from_bytes(sample)
    best = matches.best()
    if best is None:
        raise corrupt("The text")
    if best.encoding.startswith("mac_"):
        # far fewer files come from the old Macintosh than from Windows, whose letters look much the same
        same = (each.encoding for each in matches if each.chaos <= best.chaos)
        return next((each for each in same if each.startswith("cp125")), best.encoding)
    return best.encoding


def _fits_windows(sample: bytes) -> bool:
    """Whether this is Western European text in Windows-1252.

    Such text is mostly ASCII letters with single accented letters among them; in other single-byte
    alphabets and in EBCDIC high bytes come in runs.
    """
    try:
        text = sample.decode("cp1252")
    except UnicodeDecodeError:
        return False
    if any(character < " " and character not in "\t\n\r\f\x1a" for character in text):
        return False
    high = [character for character in text if character >= "\x80"]
    letters = sum(character.isalpha() for character in text)
    runs = re.findall(r"[\x80-\u2122]{3,}", text)
    return len(high) * 4 < max(letters, 1) and not runs
