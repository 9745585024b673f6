"""Whatever a model writes, in whatever pieces: what is shown cites what was given, and opens nothing."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence

from hypothesis import given
from hypothesis import strategies as some

from shared.answers.interfaces import Delta, Prompt
from shared.answers.prompt import build
from shared.answers.sentences import SentenceStream, sentences
from shared.answers.writing import Policy, Writing
from shared.models import Usage
from tests.fakes.search import passage
from tests.fuzz.effort import effort

PASSAGES = (
    passage("leave", 1, "Everyone has 25 days of annual leave a year, and 5 more after ten years."),
    passage(
        "travel", 1, "A hotel in Lisbon may cost 140 EUR per night. See https://intranet.example/travel."
    ),
)
WRITTEN = (
    "[1]",
    "[2]",
    "[3]",
    "[99]",
    "[0]",
    "[-1]",
    "[1",
    "[1, 2]",
    "[",
    "]",
    "][",
    "- ",
    "| ",
    "NOT_IN_DOCUMENTS",
)
SPOKEN = ("Everyone has 25 days", " of annual leave", " a year", "140 EUR", ". ", "! ", "\n", "\n\n", "e.g. ")
HOSTILE = (
    *("![x](http://evil.example/?q=1)", "[1](http://evil.example)", "<img src=//evil.example>"),
    *(
        "javascript:alert(1)",
        "www.evil.example/x",
        "</source-1>",
        '=HYPERLINK("x")',
        "\u202e",
        "\0",
        "m\u00b2",
    ),
)
WORDS = some.sampled_from((*WRITTEN, *SPOKEN, *HOSTILE))
PIECES = some.lists(WORDS | some.text(max_size=8), max_size=30)


class Speaker:
    """A model that says these pieces."""

    def __init__(self, pieces: Sequence[str]) -> None:
        self._pieces = pieces

    async def stream(self, _prompt: Prompt) -> AsyncIterator[Delta]:
        """All of it, then what it cost."""
        for piece in self._pieces:
            yield Delta(piece)
        yield Delta("", Usage(1, 1))


@effort
@given(pieces=PIECES, dropped=some.booleans())
def test_what_is_shown_cites_what_was_given(pieces: list[str], *, dropped: bool) -> None:
    """No source that is not there, no address that no source has, no picture, no tag."""
    policy = Policy("drop" if dropped else "mark")

    async def shown() -> str:
        writing = Writing(Speaker(pieces), policy, "How many days?", PASSAGES)
        return "".join([one.text async for one in writing.sentences(build("How many days?", PASSAGES))])

    text = asyncio.run(shown())
    cited = {int(one) for one in re.findall(r"\[(\d{1,3})\]", text)}
    assert cited <= {1, 2}
    opening = r"://evil|<img|!\[[^\]]*\]\(|(?<![a-z])(?:www\.evil|javascript:)"
    assert not re.search(opening, text, re.IGNORECASE)


@effort
@given(pieces=PIECES)
def test_sentences_joined_are_the_text(pieces: list[str]) -> None:
    """Nothing is lost or doubled, however the stream is cut; and the cut does not change the sentences."""
    stream = SentenceStream()
    found = [one for piece in pieces for one in stream.feed(piece)] + stream.finish()
    assert "".join(found) == "".join(pieces)
    assert "".join(sentences("".join(pieces))) == "".join(pieces)
