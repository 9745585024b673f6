"""Compound files ([MS-CFB]): the container of old Office files, Outlook messages and locked newer files."""

import struct
from typing import Final

from shared.documents import limits
from shared.documents.reasons import corrupt

_END: Final = 0xFFFFFFFA
"""Sector numbers from here on are marks, not sectors."""

_HEADER: Final = 512
_ENTRY: Final = 128
_STREAM: Final = 2
_BROKEN: Final = (struct.error, IndexError)


class Compound:
    """The streams of a compound file, by their path; raises Unreadable("corrupt") when it is damaged."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        try:
            shift, mini_shift = struct.unpack_from("<HH", data, 30)
            if not 7 <= shift <= 16 or mini_shift > shift:  # noqa: PLR2004 - sizes that the format allows
                raise corrupt()
            self._size, self._mini_size = 1 << shift, 1 << mini_shift
            self._fat = self._read_fat()
            self._cutoff = struct.unpack_from("<I", data, 56)[0]
            self._mini_fat = _numbers(self._chain(struct.unpack_from("<I", data, 60)[0]))
            self._streams = self._directory()
        except _BROKEN as error:
            raise corrupt() from error

    @property
    def names(self) -> list[str]:
        """The paths of all streams, storages parted by a slash."""
        return list(self._streams)

    def read(self, name: str) -> bytes:
        """A stream's bytes, b"" when there is no such stream."""
        if name not in self._streams:
            return b""
        start, size = self._streams[name]
        if size >= self._cutoff:
            return self._chain(start)[:size]
        chain = self._follow(start, self._mini_fat)
        pieces = (self._mini[at * self._mini_size : (at + 1) * self._mini_size] for at in chain)
        return b"".join(pieces)[:size]

    def _sector(self, number: int) -> bytes:
        start = _HEADER + number * self._size if self._size == _HEADER else (number + 1) * self._size
        return self._data[start : start + self._size]

    def _read_fat(self) -> list[int]:
        numbers = list(struct.unpack_from("<109I", self._data, 76))
        following, count = struct.unpack_from("<II", self._data, 68)
        for _ in range(min(count, limits.MEMBERS)):
            if following >= _END:
                break
            sector = _numbers(self._sector(following))
            numbers += sector[:-1]
            following = sector[-1]
        fat: list[int] = []
        for number in numbers[: len(self._data) // self._size + 1]:
            if number < _END:
                fat += _numbers(self._sector(number))
        return fat

    def _follow(self, start: int, table: list[int]) -> list[int]:
        chain: list[int] = []
        while start < _END:
            if start >= len(table) or len(chain) > len(table):
                raise corrupt()
            chain.append(start)
            start = table[start]
        return chain

    def _chain(self, start: int) -> bytes:
        return b"".join(map(self._sector, self._follow(start, self._fat)))

    def _directory(self) -> dict[str, tuple[int, int]]:
        table = self._chain(struct.unpack_from("<I", self._data, 48)[0])
        entries = [table[at : at + _ENTRY] for at in range(0, len(table) - _ENTRY + 1, _ENTRY)][
            : limits.MEMBERS
        ]
        if not entries:
            raise corrupt()
        start, size = struct.unpack_from("<II", entries[0], 116)
        self._mini = self._chain(start)[:size]
        found: dict[str, tuple[int, int]] = {}
        seen: set[int] = set()
        stack = [(struct.unpack_from("<I", entries[0], 76)[0], "")]
        while stack:
            number, folder = stack.pop()
            if number >= len(entries) or number in seen:
                continue
            seen.add(number)
            entry = entries[number]
            length = max(0, min(struct.unpack_from("<H", entry, 64)[0] - 2, 64))
            path = folder + entry[:length].decode("utf-16-le", "replace")
            before, after, child = struct.unpack_from("<III", entry, 68)
            stack += [(before, folder), (after, folder), (child, f"{path}/")]
            if entry[66] == _STREAM:
                found[path] = struct.unpack_from("<II", entry, 116)
        return found


def _numbers(data: bytes) -> list[int]:
    return list(struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4]))
