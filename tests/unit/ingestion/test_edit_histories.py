"""The real history that edits are counted in: documents with all their versions, out of git."""

import subprocess
from pathlib import Path

from benchmarks.ingest.edits import embedded
from benchmarks.ingest.histories import histories


def commit(folder: Path, message: str) -> None:
    """Record all that is there, as nobody in particular."""
    who = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    for words in (["add", "-A"], [*who, "commit", "-q", "-m", message]):
        subprocess.run(["git", *words], cwd=folder, check=True)  # noqa: S603, S607


def test_every_version_of_a_document_is_there_in_order(tmp_path: Path) -> None:
    """Renames are followed; what never changed, what is no document and what a commit left alone is not."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)  # noqa: S603, S607
    page, other = tmp_path / "page.md", tmp_path / "still.md"
    long = "".join(f"Rule {number} is in force.\n\n" for number in range(30))
    page.write_text(f"{long}First.\n")
    other.write_text("Never changed.\n")
    (tmp_path / "code.py").write_text("one = 1\n")
    commit(tmp_path, "one")
    page.write_text(f"{long}Second.\n")
    commit(tmp_path, "two")
    (tmp_path / "code.py").write_text("one = 2\n")
    commit(tmp_path, "three")
    page.rename(tmp_path / "moved.md")
    commit(tmp_path, "four")
    (tmp_path / "moved.md").write_text(f"{long}Third.\n")
    commit(tmp_path, "five")
    texts = [f"{long}{word}.\n" for word in ("First", "Second", "Third")]
    assert list(histories(tmp_path)) == [("moved.md", texts)]


def test_without_a_history_there_is_none(tmp_path: Path) -> None:
    """A folder that is no checkout gives nothing, and no error."""
    (tmp_path / "page.md").write_text("Text.\n")
    assert list(histories(tmp_path)) == []


def test_what_is_embedded_is_what_changed() -> None:
    """A version that only says something more embeds one chunk; one that comes back embeds what was gone."""
    first = "\n\n".join(f"## Part {number}\n\n" + f"Rule {number}. " * 40 for number in range(10))
    cost = embedded([first, f"{first}\n\n## Part 10\n\nNew.", first])
    assert (cost.new, cost.changed, cost.chunks) == ([1, 0], 1, 21)
    paragraphs = [f"Paragraph {number} says a thing. " * 12 for number in range(12)]
    cut_elsewhere = embedded(["\n\n".join(["# A", *paragraphs[gone:]]) for gone in (0, 1)])
    assert (len(cut_elsewhere.new), cut_elsewhere.changed) == (1, 0)
