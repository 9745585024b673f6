"""Documents with all their versions, from the history of a git checkout."""

import subprocess
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

DOCUMENTS = ("*.md",)
"""What counts as a document: this project's pages, READMEs and decisions."""


def histories(checkout: Path, patterns: tuple[str, ...] = DOCUMENTS) -> Iterator[tuple[str, list[str]]]:
    """Each document that has had more than one version: its name now, and its texts, the oldest first.

    Along the first parents of HEAD, renames followed; a commit that left a document's text alone makes no
    version of it. Nothing where there is no history: a tarball, or a shallow clone.
    """
    versions: dict[str, list[str]] = defaultdict(list)
    for commit in _git(checkout, "rev-list", "--first-parent", "--reverse", "HEAD").split():
        for old, new in _changed(checkout, commit, patterns):
            if old != new:
                versions[new] = versions.pop(old, [])
            text = _git(checkout, "show", f"{commit}:{new}")
            if not versions[new] or versions[new][-1] != text:
                versions[new].append(text)
    yield from ((name, texts) for name, texts in sorted(versions.items()) if len(texts) > 1)


def _changed(checkout: Path, commit: str, patterns: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """The documents that a commit made, changed or renamed: name before, name after."""
    shown = _git(
        checkout, "diff-tree", "--root", "--no-commit-id", "--first-parent", "-m", "-r", "-M", "-z",
        "--name-status", "--diff-filter=AMR", commit, "--", *patterns,
    )  # fmt: skip
    words = iter(shown.split("\0"))
    for status in words:
        if status:
            old = next(words)
            yield old, next(words) if status.startswith("R") else old


def _git(checkout: Path, *words: str) -> str:
    done = subprocess.run(  # noqa: S603 - our own words
        ["git", *words],  # noqa: S607 - whichever git there is
        cwd=checkout,
        capture_output=True,
        check=False,
    )
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""
