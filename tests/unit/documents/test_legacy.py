"""Office files of 1995 to 2003, made by hand from their specifications."""

import struct

import pytest

from shared.documents.formats.xls_strings import SharedStrings
from shared.documents.reasons import Unreadable
from shared.models import Extraction
from tests.unit.documents.conftest import Reading

SECTOR = 512
END, FREE = 0xFFFFFFFE, 0xFFFFFFFF


def compound(streams: dict[str, bytes]) -> bytes:
    """A compound file with these streams in its root, each padded past the size of mini streams."""
    padded = {name: data.ljust(4096, b"\0") for name, data in streams.items()}
    sectors, fat, entries = b"", list[int](), list[bytes]()
    for number, (name, data) in enumerate(padded.items(), 1):
        start, count = len(fat), -(-len(data) // SECTOR)
        fat += [*range(start + 1, start + count), END]
        sectors += data.ljust(count * SECTOR, b"\0")
        following = number + 1 if number < len(padded) else FREE
        entries.append(entry(name, 2, following, FREE, start, len(streams[name].ljust(4096, b"\0"))))
    directory = b"".join([entry("Root Entry", 5, FREE, 1, END, 0), *entries])
    count = -(-len(directory) // SECTOR)
    first = len(fat)
    fat += [*range(first + 1, first + count), END]
    sectors += directory.ljust(count * SECTOR, b"\0")
    fat_count = -(-(len(fat) + 4) // 128)
    places = range(len(fat), len(fat) + fat_count)
    fat += [0xFFFFFFFD] * fat_count
    sectors += struct.pack(f"<{fat_count * 128}I", *fat, *[FREE] * (fat_count * 128 - len(fat)))
    header = bytes.fromhex("D0CF11E0A1B11AE1").ljust(24, b"\0")
    header += struct.pack("<5H", 62, 3, 0xFFFE, 9, 6).ljust(20, b"\0")
    header += struct.pack("<9I", fat_count, first, 0, 4096, END, 0, END, 0, places[0])
    header += struct.pack("<108I", *list(places)[1:], *[FREE] * (109 - fat_count))
    return header + sectors


def entry(name: str, kind: int, following: int, child: int, start: int, size: int) -> bytes:
    """A directory entry."""
    letters = (name + "\0").encode("utf-16-le")
    head = letters.ljust(64, b"\0") + struct.pack("<HBB", len(letters), kind, 1)
    return (
        head + struct.pack("<III", FREE, following, child).ljust(48, b"\0") + struct.pack("<IQ", start, size)
    )


def record(kind: int, data: bytes) -> bytes:
    """A record of a workbook."""
    return struct.pack("<HH", kind, len(data)) + data


def texts(extraction: Extraction) -> list[tuple[str, str]]:
    """Every block as (kind, text)."""
    return [(block.kind, block.text) for section in extraction.sections for block in section.blocks]


def workbook(*extra: bytes) -> bytes:
    """A BIFF8 workbook of one sheet with a text, a packed number and a formula with a text result."""
    strings = record(0xFC, struct.pack("<II", 1, 1) + struct.pack("<HB", 4, 1) + "Käse".encode("utf-16-le"))
    start = record(0x809, struct.pack("<HH", 0x600, 5).ljust(16, b"\0")) + b"".join(extra)
    size = len(start) + len(strings) + 4 + (4 + 6 + 2 + 4)
    sheet = record(0x85, struct.pack("<IBB", size, 0, 0) + b"\x04\x00List")
    cells = record(0xFD, struct.pack("<HHHI", 2, 1, 0, 0))
    cells += record(0x27E, struct.pack("<HHHI", 2, 2, 0, 2 | 1 | (925 << 2)))
    cells += record(0x06, struct.pack("<HHH", 3, 1, 0) + b"\0\0\0\0\0\0\xff\xff".ljust(16, b"\0"))
    cells += record(0x207, struct.pack("<HB", 3, 0) + b"sum")
    body = record(0x809, struct.pack("<HH", 0x600, 16).ljust(16, b"\0")) + cells + record(0x0A, b"")
    return compound({"Workbook": start + strings + sheet + record(0x0A, b"") + body})


def test_an_old_workbook_gives_its_cells(read: Reading) -> None:
    """Shared strings, packed numbers and formulas' results stand at their places."""
    extraction = read(workbook(), "a.xls")
    assert texts(extraction) == [("paragraph", "List"), ("table", "Käse | 9.25\nsum")]
    assert extraction.sections[0].blocks[1].locator.range == "B3:C4"


def test_an_old_workbook_with_a_password_is_encrypted(read: Reading) -> None:
    """The record that announces encryption is believed."""
    with pytest.raises(Unreadable) as caught:
        read(workbook(record(0x2F, b"\1\0")), "a.xls")
    assert caught.value.code == "encrypted"


def test_a_locked_new_office_file_is_encrypted(read: Reading) -> None:
    """A .docx with a password is a compound file with an encrypted package."""
    with pytest.raises(Unreadable) as caught:
        read(compound({"EncryptionInfo": b"x", "EncryptedPackage": b"y"}), "a.docx")
    assert caught.value.code == "encrypted"


def test_strings_may_run_over_records() -> None:
    """Letters cut by the end of a record go on behind new flags, in one byte or two."""
    first = struct.pack("<IIHB", 2, 2, 6, 0) + b"kett"
    shared = SharedStrings(first)
    shared.more(b"\x01" + "le".encode("utf-16-le") + struct.pack("<HB", 3, 0) + b"tea")
    assert shared.strings() == ["kettle", "tea"]


def test_an_old_word_document_gives_its_text(read: Reading) -> None:
    """Pieces in one byte or two, cells of tables, results of fields without their code, notes."""
    body = "Stra\xdfe\rA\x07B\x07\x07C\x07D\x07\x07\x13PAGE\x147\x15 pages\r"
    wide = "\u20ac\r"
    note = "Noted\r"
    first, second = body.encode("latin-1"), wide.encode("utf-16-le")
    places = [0, len(body), len(body) + len(wide), len(body) + len(wide) + len(note)]
    offsets = [1024 * 2 | 0x40000000, 1536, 2048 * 2 | 0x40000000]
    pieces = struct.pack("<4I", *places) + b"".join(struct.pack("<HIH", 0, offset, 0) for offset in offsets)
    table = b"\x02" + struct.pack("<I", len(pieces)) + pieces
    stream = bytearray(4096)
    struct.pack_into("<HH", stream, 0, 0xA5EC, 0xC1)
    struct.pack_into("<I", stream, 0x4C, len(body) + len(wide))
    struct.pack_into("<II", stream, 0x1A2, 0, len(table))
    stream[1024 : 1024 + len(first)] = first
    stream[1536 : 1536 + len(second)] = second
    stream[2048 : 2048 + len(note)] = note.encode()
    found = texts(read(compound({"WordDocument": bytes(stream), "0Table": table}), "a.doc"))
    assert found == [
        ("paragraph", "Stra\xdfe"),
        ("table", "A | B\nC | D"),
        ("paragraph", "7 pages"),
        ("paragraph", "\u20ac"),
        ("note", "Noted"),
    ]


def test_an_old_deck_gives_its_slides(read: Reading) -> None:
    """Placeholders' texts, then other shapes', then the notes of each slide."""

    def atom(kind: int, data: bytes, version: int = 0, instance: int = 0) -> bytes:
        return struct.pack("<HHI", version | instance << 4, kind, len(data)) + data

    listed = atom(1011, struct.pack("<IIIII", 0, 0, 0, 256, 0)) + atom(4000, "Plan\r".encode("utf-16-le"))
    slide = atom(1006, atom(4008, b"Box"), 15)
    notes = atom(1008, atom(1009, struct.pack("<II", 256, 0)) + atom(4008, b"Say it"), 15)
    stream = atom(1000, atom(4080, listed, 15), 15) + slide + notes
    extraction = read(compound({"PowerPoint Document": stream}), "a.ppt")
    assert texts(extraction) == [("paragraph", "Plan"), ("paragraph", "Box"), ("note", "Say it")]
    assert (extraction.sections[0].path, extraction.pages) == (("Plan",), 1)


def test_an_outlook_message_reads_as_a_mail(read: Reading) -> None:
    """Envelope, then body."""
    message = {
        "__properties_version1.0": b"\0" * 32,
        "__substg1.0_0037001F": "Case 7".encode("utf-16-le"),
        "__substg1.0_1000001F": "The words.".encode("utf-16-le"),
    }
    assert texts(read(compound(message), "a.msg")) == [
        ("paragraph", "Subject: Case 7"),
        ("paragraph", "The words."),
    ]


def test_a_damaged_compound_file_is_corrupt(read: Reading) -> None:
    """Chains that run in a circle, or out of the file, end."""
    data = bytearray(workbook())
    for at in range(512, len(data), 512):
        broken = bytearray(data)
        broken[at : at + 512] = struct.pack("<128I", *range(128))
        with pytest.raises(Unreadable):
            read(bytes(broken[: at + 512]), "a.xls")
