"""`python -m local extract`: what Docent sees of a file."""

import json
from pathlib import Path

import pytest

from shared.documents.__main__ import main


def test_it_says_what_was_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """State, text, chunks with locators and sizes, seconds and MB."""
    path = tmp_path / "rules.md"
    path.write_text("# Leave\n\nThirty days.\n", encoding="utf-8")
    assert main([str(path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["state"], found["text"]) == ("indexed", "Leave\nThirty days.")
    assert found["chunks"][0]["locator"] == {"heading": ["Leave"]}
    assert found["chunks"][0]["characters"] == len(found["chunks"][0]["text"])
    assert found["seconds"] >= 0
    assert found["mb"] > 1
    assert main([str(path)]) == 0
    assert "Thirty days." in capsys.readouterr().out


def test_it_says_why_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that cannot be read has a reason; one that is not there an exit code."""
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04 damaged")
    assert main([str(tmp_path / "a.zip"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["state"], found["code"]) == ("skipped", "corrupt")
    assert found["reason"].endswith(".")
    assert main([str(tmp_path / "absent")]) == 2
