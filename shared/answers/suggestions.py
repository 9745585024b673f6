"""Questions for somebody who does not know what to ask: from headings of documents that they may read.

No model is asked, and the same documents give the same questions. A heading that is a question is taken as
it stands; other headings and names of files are put into a question of the document's own language.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.answers.instructions import addressed_to_a_model
from shared.answers.language import language
from shared.answers.markup import plain_text
from shared.models import Passage, Person, Scope

_ABOUT = {
    "en": (
        "What does \u201c{file}\u201d say about \u201c{heading}\u201d?",
        "What is \u201c{file}\u201d about?",
    ),
    "de": (
        "Was steht in \u201e{file}\u201c zu \u201e{heading}\u201c?",
        "Worum geht es in \u201e{file}\u201c?",
    ),
    "fr": (
        "Que dit \u00ab\u202f{file}\u202f\u00bb sur \u00ab\u202f{heading}\u202f\u00bb\u00a0?",
        "Quel est le r\u00e9sum\u00e9 de \u00ab\u202f{file}\u202f\u00bb\u00a0?",
    ),
    "es": (
        "\u00bfQu\u00e9 dice \u00ab{file}\u00bb sobre \u00ab{heading}\u00bb?",
        "\u00bfCu\u00e1l es el resumen de \u00ab{file}\u00bb?",
    ),
}
_LONGEST = 80
"""Characters of a heading or of a file's name in a question."""
_QUESTION = re.compile(r"[?\uff1f]\s*$")
_NUMBERED = re.compile(r"^\s*(?:\d+(?:\.\d+)*[.)]?|[IVX]+\.|[a-z]\))\s+")
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,5}$")
_OUTDATED = re.compile(r"\b(?:old|outdated|obsolete|superseded|alt|veraltet|draft|entwurf)\b", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]{3}|[\u3040-\u30ff\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A question that a file speaks to. `whole` when it is about the file and to be asked of it alone."""

    question: str
    file_id: str
    file: str
    whole: bool = False


class Sampler(Protocol):
    """Some passages, of different files, without a question."""

    async def sample(self, person: Person, scope: Scope) -> Sequence[Passage]:
        """Passages that the person may find and read now; the same as long as nothing changes.

        Raises NotFound for a file in the scope that is not theirs to read, Unavailable, Timeout.
        """
        ...


@dataclass(frozen=True)
class Suggester:
    """Suggests questions."""

    sampler: Sampler

    async def suggest(self, person: Person, scope: Scope, limit: int) -> list[Suggestion]:
        """At most `limit` questions that the person's own documents speak to, each file's in turn."""
        of_file: dict[str, list[Suggestion]] = {}
        for passage in await self.sampler.sample(person, scope):
            mine = of_file.setdefault(passage.file_id, [])
            mine += [one for one in _questions(passage) if one not in mine]
        return list(_in_turn(list(of_file.values())))[:limit]


def _in_turn(lists: Sequence[Sequence[Suggestion]]) -> Iterator[Suggestion]:
    """The first of each, then the second of each, and so on; no question twice."""
    asked: set[str] = set()
    for at in range(max(map(len, lists), default=0)):
        for one in lists:
            if at < len(one) and one[at].question not in asked:
                asked.add(one[at].question)
                yield one[at]


def _questions(passage: Passage) -> Iterator[Suggestion]:
    """What can be asked about a passage: by its heading, and about its file."""
    name = _clean(_ENDING.sub("", passage.file_name))
    if not name or _OUTDATED.search(name):
        return
    spoken = language(f"{passage.text} {' '.join(passage.locator.heading)}")
    about, whole = _ABOUT.get(spoken, _ABOUT["en"])
    heading = _clean(_NUMBERED.sub("", passage.locator.heading[-1])) if passage.locator.heading else ""
    if heading and _QUESTION.search(heading):
        yield Suggestion(heading, passage.file_id, passage.file_name)
    elif heading and heading.casefold() != name.casefold():
        asked = about.format(file=name, heading=heading)
        yield Suggestion(asked, passage.file_id, passage.file_name)
    yield Suggestion(whole.format(file=name), passage.file_id, passage.file_name, whole=True)


def _clean(text: str) -> str:
    """A heading or name that can stand in a question; "" for one that cannot."""
    shown = " ".join(plain_text(text.replace("_", " ")).split()).strip(" :.-")
    unfit = not _LETTER.search(shown) or len(shown) > _LONGEST or addressed_to_a_model(shown)
    return "" if unfit or any(mark in shown for mark in "{}<>") else shown
