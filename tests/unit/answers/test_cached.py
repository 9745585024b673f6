"""What an answer that is kept rests on."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from typing import Any, get_args, get_type_hints

from shared.answers.cached import _kept
from shared.answers.interfaces import Message
from shared.answers.service import AnswerEvent, Finished, Sources, Started, Text
from shared.models import Locator, Passage, Usage

NAMES = {"chunk_id", "file_name", "superseded_by"}
"""What says that an answer depends on something that may change."""
PASSAGE = Passage("f.1", "f", "plan.pdf", "Text.", "plan.pdf", Locator(), "", 1, 0.5)
MESSAGE = Message("c.m", datetime(2026, 1, 1, tzinfo=UTC), "What?", "Text.", (), False, False, Usage())


def kept(*passages: Passage, **changes: Any) -> tuple[list[str], dict[str, Any], dict[str, int]] | None:
    """What is kept of an answer from these."""
    finished = replace(Finished(False, False, Usage(9, 5, 2, "m")), **changes)
    return _kept([Started("c", "What?"), Sources(passages), Text("Text."), finished], MESSAGE)


def test_an_answer_rests_on_the_chunks_of_its_sources() -> None:
    """Each once, in order, with what it cost."""
    second = replace(PASSAGE, chunk_id="f.2")
    found = kept(PASSAGE, second, PASSAGE)
    assert found is not None
    assert found[0] == ["f.1", "f.2"]
    assert found[2] == {"m:prompt": 7, "m:cached": 2, "m:output": 5}
    assert [name for name, _ in found[1]["said"]] == ["Started", "Sources", "Text", "Finished"]


def test_what_names_a_file_that_is_no_source_is_not_kept() -> None:
    """That a newer version replaces a source may change without any source changing; with it, it is seen."""
    older = replace(PASSAGE, chunk_id="g.1", file_name="old.pdf", superseded_by="new.pdf")
    assert kept(PASSAGE, older) is None
    assert kept(PASSAGE, older, replace(PASSAGE, file_name="new.pdf")) is not None
    assert kept(PASSAGE, declined=True) is None
    assert kept(PASSAGE, degraded=True) is None


def test_only_sources_name_what_an_answer_rests_on() -> None:
    """No other event has a field of these names, however deep; nearest files are not kept at all."""
    for kind in get_args(AnswerEvent):
        assert (set(_fields(kind)) >= NAMES) == (kind is Sources), kind
        assert kind is Sources or NAMES.isdisjoint(_fields(kind)), kind


def _fields(kind: Any) -> Iterator[str]:
    """The names of all fields of a dataclass, and of those within."""
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        for one in fields(kind):
            yield one.name
            yield from _fields(hints[one.name])
    for part in get_args(kind):
        yield from _fields(part)
