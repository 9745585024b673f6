"""The local model on a question about a whole document."""

import pytest

from local.vertex.extractive import MAX_OVERVIEW, overview
from local.vertex.prompt import Prompt, Source

pytestmark = pytest.mark.source("choice: what a model that only quotes can do")


def test_an_overview_quotes_from_beginning_to_end() -> None:
    """The first sentence of some parts, evenly spread, in order, each of its own part."""
    sources = tuple(Source(str(n), "Minutes", f"Decision {n} was taken. It was long.") for n in range(1, 41))
    prompt = Prompt("", (), sources, "Summarise this file", None, (), (), 100, None)
    found = overview(prompt)
    assert [one.source for one in found] == ["1", "6", "11", "16", "21", "26", "31", "36"]
    assert [one.text for one in found][:2] == ["Decision 1 was taken.", "Decision 6 was taken."]
    assert len(found) == MAX_OVERVIEW
