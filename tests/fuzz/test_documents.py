"""Files that were damaged on their way: read, or refused with a reason; never anything else."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from shared.documents import limits
from shared.documents.chunks import cut
from shared.documents.extract import extract
from shared.documents.reasons import Unreadable
from shared.models import Extraction
from tests.fuzz.effort import effort

DEMO = Path(__file__).parents[2] / "local" / "demo" / "files"
SAMPLES = {
    path.suffix: path.read_bytes()
    for path in sorted(DEMO.iterdir())
    if path.suffix != ".png"  # a picture is read by a model
}
ENDINGS = (".rtf", ".doc", ".xls", ".ppt", ".msg", ".epub", ".ipynb", ".odt", ".ods", ".odp", ".zip", "")
MAGICS = (
    *(b"", b"{\\rtf1 ", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04", b"%PDF-1.7\n", b"\x1f\x8b\x08"),
    *(
        b"<?xml version='1.0'?>",
        b'{"cells": [',
        b"From: a\nContent-Type: multipart/mixed; boundary=b\n\n--b\n",
    ),
)
WORDS = (
    b"\x00",
    b"\xff" * 4,
    b"<",
    b"</",
    b"&#x0;",
    b"]]>",
    b'"',
    b"999999999",
    b"-1",
    b"\x80\x81",
    b"A" * 500,
)
"""What often leads a parser astray."""

Edit = Callable[[bytes], bytes]


@some.composite
def edits(draw: some.DrawFn) -> Edit:
    """One thing that may happen to a file: a stretch overwritten, put in, left out, repeated; or an end."""
    kind = draw(some.sampled_from(["overwrite", "insert", "delete", "repeat", "end"]))
    where, length = draw(some.floats(0, 1)), draw(some.integers(1, 64))
    what = draw(some.sampled_from(WORDS) | some.binary(min_size=1, max_size=8))

    def edited(data: bytes) -> bytes:
        at = int(where * len(data))
        match kind:
            case "overwrite":
                return data[:at] + what + data[at + len(what) :]
            case "insert":
                return data[:at] + what + data[at:]
            case "delete":
                return data[:at] + data[at + length :]
            case "repeat":
                return data[: at + length] + data[at : at + length] * 20 + data[at + length :]
        return data[:at]

    return edited


def _tried(path: Path, name: str) -> tuple[Unreadable, Extraction | None]:
    try:
        return Unreadable("empty", "."), extract(path, "application/octet-stream", name)
    except Unreadable as refused:
        return refused, None


def read(data: bytes, name: str, folder: Path) -> None:
    """The promise: text within its limits that can be cut, or a reason."""
    path = folder / "file"
    path.write_bytes(data)
    refused, found = _tried(path, name)
    if found is None:
        assert refused.code
        assert refused.sentence.endswith(".")
        return
    chunks = cut(found, name)
    assert sum(len(block.text) for section in found.sections for block in section.blocks) <= limits.CHARACTERS
    assert all(chunk.text.strip() for chunk in chunks)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data:UserWarning")  # said by Pillow, which goes on
@pytest.mark.parametrize("ending", sorted(SAMPLES))
@effort
@given(changes=some.lists(edits(), min_size=1, max_size=4))
def test_a_damaged_file_is_read_or_refused(
    ending: str, changes: list[Edit], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Bytes of a sample file changed here and there."""
    data = SAMPLES[ending]
    for change in changes:
        data = change(data)
    read(data, f"file{ending}", tmp_path_factory.getbasetemp())


@pytest.mark.parametrize("ending", [one for one in sorted(SAMPLES) if SAMPLES[one][:2] == b"PK"])
@effort
@given(which=some.floats(0, 0.999), changes=some.lists(edits(), min_size=1, max_size=4))
def test_a_package_with_a_damaged_part_is_read_or_refused(
    ending: str, which: float, changes: list[Edit], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """What is packed in an office file changed, and packed again: the parser behind the archive meets it."""
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(SAMPLES[ending])) as before,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        names = before.namelist()
        for name in names:
            part = before.read(name)
            if name == names[int(which * len(names))]:
                for change in changes:
                    part = change(part)
            after.writestr(name, part)
    read(packed.getvalue(), f"file{ending}", tmp_path_factory.getbasetemp())


@effort
@given(
    magic=some.sampled_from(MAGICS),
    data=some.binary(max_size=2000) | some.lists(some.sampled_from(WORDS), max_size=40).map(b"".join),
    ending=some.sampled_from(sorted({*ENDINGS, *SAMPLES})),
)
def test_noise_under_any_name_is_read_or_refused(
    magic: bytes, data: bytes, ending: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever a file begins with and is called."""
    read(magic + data, f"file{ending}", tmp_path_factory.getbasetemp())
