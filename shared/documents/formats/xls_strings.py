"""Strings of BIFF8 ([MS-XLS] 2.5.293 and 2.4.265), which may run over several records."""

import struct
from contextlib import suppress
from typing import Final

from shared.documents import limits

_WIDE, _PHONETIC, _RICH = 0x01, 0x04, 0x08
_MOST: Final = 2_000_000


def unicode_string(data: bytes, length_size: int) -> str:
    """A string with its length in one or two bytes and its flags before it."""
    length = int.from_bytes(data[:length_size], "little")
    flags = data[length_size] if len(data) > length_size else 0
    start = length_size + 1
    if flags & _RICH:
        start += 2
    if flags & _PHONETIC:
        start += 4
    if flags & _WIDE:
        return data[start : start + 2 * length].decode("utf-16-le", "replace")
    return data[start : start + length].decode("latin-1")


class SharedStrings:
    """The shared strings: one record and those that continue it.

    Where a string's letters are cut by the end of a record, the next one begins with new flags.
    """

    def __init__(self, first: bytes) -> None:
        self._records = [first]

    def more(self, record: bytes) -> None:
        """Add a record that continues."""
        self._records.append(record)

    def strings(self) -> list[str]:
        """All strings; what is damaged at the end is left out."""
        self._record, self._at = 0, 8
        count = struct.unpack_from("<I", self._records[0], 4)[0]
        found: list[str] = []
        with suppress(IndexError, struct.error):
            found.extend(self._string()[: limits.CELL] for _ in range(min(count, _MOST)))
        return found

    def _string(self) -> str:
        length, flags = struct.unpack("<HB", self._bytes(3))
        runs = struct.unpack("<H", self._bytes(2))[0] if flags & _RICH else 0
        extra = struct.unpack("<I", self._bytes(4))[0] if flags & _PHONETIC else 0
        text = self._letters(length, flags & _WIDE)
        self._bytes(4 * runs + extra)
        return text

    def _letters(self, length: int, wide: int) -> str:
        pieces: list[str] = []
        while length > 0:
            record = self._records[self._record]
            left = len(record) - self._at
            if left <= 0:
                self._record, self._at = self._record + 1, 1
                wide = self._records[self._record][0] & _WIDE
                continue
            count = min(length, left // 2 if wide else left)
            if count == 0:
                break
            data = record[self._at : self._at + count * (2 if wide else 1)]
            pieces.append(data.decode("utf-16-le" if wide else "latin-1", "replace"))
            self._at += len(data)
            length -= count
        return "".join(pieces)

    def _bytes(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            record = self._records[self._record]
            piece = record[self._at : self._at + count - len(data)]
            self._at += len(piece)
            data += piece
            if len(data) < count:
                self._record, self._at = self._record + 1, 0
        return data
