"""When two questions are the same question, and the keys under which things about one are cached."""

import hashlib
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from shared.models import Scope


def normalised(question: str) -> str:
    """The question in the spelling under which repeats are recognised.

    Unicode's compatibility form (NFKC), one space for any white space, none at the ends, and no question mark
    or full stop at the end. Case stays: "US" and "us" are not one word.
    """
    plain = " ".join(unicodedata.normalize("NFKC", question).split())
    return plain.rstrip("?.! ") or plain


@dataclass(frozen=True, slots=True)
class AnswerKey:
    """All that an answer depends on. Two answers are interchangeable only when every part is equal.

    `rights` is a digest of the principals under which the person finds files, `index` the state of the
    index, `cleared` how often answers were cleared, `model` and `prompt` what wrote the answer and by which
    instructions.
    """

    subject: str
    question: str
    scope: Scope
    rights: str
    index: str
    cleared: int
    model: str
    prompt: str

    @property
    def place(self) -> str:
        """Where the answer is kept: what is known before anything was read."""
        scope = self.scope
        within = scope.collection, scope.folder_id, scope.file_id
        return _place(self.subject, self.question, *within, self.model, self.prompt)

    @property
    def seal(self) -> str:
        """What must be equal for a kept answer to be used."""
        return digest(self.place, self.rights, self.index, str(self.cleared))


@lru_cache(maxsize=256)
def _place(*parts: str) -> str:
    """Asked for half a dozen times while a question is answered."""
    return digest("answer", *parts)


def digest(*parts: str) -> str:
    """32 hex digits of SHA-256 over parts that cannot run into each other."""
    hashed = hashlib.sha256()
    for part in parts:
        encoded = part.encode()
        hashed.update(len(encoded).to_bytes(8, "big") + encoded)
    return hashed.hexdigest()[:32]
