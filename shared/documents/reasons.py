"""Why a file could not be read, in a stable code and in a sentence."""

from typing import Literal

Reason = Literal["bomb", "corrupt", "empty", "encrypted", "needs-ocr", "no-text", "too-large", "unsupported"]


class Unreadable(Exception):
    """A file that gives no text now and will not by trying again.

    `code` is stable, for records and programs; `sentence` is for the person who looks for the file.
    Neither contains text of the document.
    """

    def __init__(self, code: Reason, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


def corrupt(what: str = "The file") -> Unreadable:
    """The usual answer to a damaged file."""
    return Unreadable("corrupt", f"{what} is damaged and cannot be opened.")


def encrypted() -> Unreadable:
    """The answer to a file that needs a password."""
    return Unreadable(
        "encrypted", "The file is protected with a password. Save a copy without one to make it searchable."
    )


def bomb() -> Unreadable:
    """The answer to a file made to exhaust whoever opens it."""
    return Unreadable("bomb", "The file unpacks to far more than its size explains, so it was not opened.")


def empty() -> Unreadable:
    """The answer to a file in which there is no text."""
    return Unreadable("empty", "The file contains no text.")
