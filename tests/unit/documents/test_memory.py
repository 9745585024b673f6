"""How much memory the reader takes, whatever it is given: measured in a process of its own."""

import sys
from pathlib import Path

import pytest

from benchmarks.documents import hostile, zoo

MOST = 600
"""MB of resident size."""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="resident sizes are read from /proc")
def test_no_file_takes_more_memory_than_it_may(tmp_path: Path) -> None:
    """A gigabyte of zeros, a billion laughs, 10,000 pages, deep nesting, a long line: text or a sentence."""
    made = {
        "zeros.docx": hostile._zeros("word/document.xml"),
        "laughs.xml": hostile.LAUGHS.encode(),
        "laughs.docx": hostile._office(hostile.WORD, "word/document.xml", hostile.LAUGHS.encode()),
        "pages.pdf": hostile._pages(10_000),
        "deep.html": b"<div>" * 200_000 + b"end",
        "line.csv": b"a," * 2_000_000,
    }
    reader = zoo.Reader("docent", sys.executable)
    try:
        for name, data in made.items():
            (tmp_path / name).write_bytes(data)
            answer = reader.read(tmp_path / name)
            assert answer.get("text") or answer.get("error"), f"{name}: {answer}"
            assert " " in answer.get("error", "a sentence"), f"{name}: no sentence: {answer['error']}"
        assert 0 < reader.peak <= MOST
    finally:
        reader.close()
