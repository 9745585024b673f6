"""People x files x 12 kinds of right x every route of chat: nobody is told what is not theirs.

Each place that asks the second sieve is then taken out, to see that the matrix notices.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from functions.chat.evidence import SearchEvidence
from shared.answers.interfaces import Share
from shared.answers.suggestions import Suggester
from shared.errors import NotFound
from shared.models import Person
from tests.functions.leak_house import (
    ALICE,
    BOB,
    EVERYBODY,
    KINDS,
    PEOPLE,
    QUESTION,
    Everything,
    House,
    canary,
    folder_of,
)


async def test_nobody_hears_of_what_they_may_not_read() -> None:
    """No canary and no name of such a file, wherever one asks."""
    assert await House().leaks() == []


async def test_everybody_hears_of_what_they_may_read() -> None:
    """Or the matrix above would prove nothing."""
    house = House()
    for person in EVERYBODY:
        told = await house.heard(person)
        for kind, (_, _, readers) in KINDS.items():
            if person in readers:
                for where in ("answer", "stream", f"whole {kind}", f"file {kind}", f"passages {kind}"):
                    assert canary(kind) in told[where], (person, kind, where)
                assert f"{kind}.txt" in told["collections"]
                assert folder_of(kind) in told[f"/folders?collection={kind}"]
                for where in (
                    "folders",
                    f"/folders?folder_id={folder_of(kind)}",
                    f"/folders/search?q={kind}",
                ):
                    assert f"{kind}.txt" in told[where], (person, kind, where)
                assert f"{kind}.txt" in told[f"/chat/suggestions?file_id={kind}"]
                assert kind in told[f"/files/{kind}/download"]


async def test_what_was_withdrawn_is_gone_from_old_conversations() -> None:
    """Their owners can still open them, and read their questions."""
    house = House()
    for person in EVERYBODY:
        await house.heard(person)
    house.withdraw()
    for person in EVERYBODY:
        told = await house.heard(person)
        assert not [where for where, text in told.items() for kind in KINDS if canary(kind) in text]


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_hidden_file_is_an_absent_file(method: str) -> None:
    """The same answer and the same calls, in the same number: neither words nor time tell them apart."""
    house = House()
    seen = []
    for name in ("unread", "absent"):
        before = len(house.library.reads), len(house.finder.asked)
        async with house.client(ALICE) as client:
            body = {"json": {"message": QUESTION, "file_id": name}} if method == "POST" else {}
            path = "/chat" if method == "POST" else f"/files/{name}/passages"
            answer = await client.request(method, path, **body)
        calls = len(house.library.reads) - before[0], len(house.finder.asked) - before[1]
        seen.append((answer.status_code, {**answer.json(), "request_id": ""}, calls))
    assert seen[0] == seen[1]
    assert seen[0][0] == 404


def _search(house: House) -> None:
    house.search = replace(house.search, rights=Everything())
    house.evidence = SearchEvidence(house.search)


def _files_browsed(house: House) -> None:
    house.browser = replace(house.browser, files=Everything())


def _folders_browsed(house: House) -> None:
    house.browser = replace(house.browser, folders=Everything())


def _sampled(house: House) -> None:
    house.suggester = Suggester(SearchEvidence(replace(house.search, rights=Everything())))


def _current(house: House) -> None:
    house.withdraw()
    house.conversations = replace(
        house.conversations, searcher=SearchEvidence(replace(house.search, rights=Everything()))
    )


def _reach(house: House) -> None:
    house.reach = replace(house.reach, rights=Everything())


def _organisation(house: House) -> None:
    async def shared(share_id: str) -> Any:
        names = (name for name, one in house.store.shares.items() if one is not None and one.id == share_id)
        found = house.store._conversation(next(names))
        return replace(found, share=Share(share_id, "elsewhere.example", found.updated_at))

    house.store.shared = shared  # type: ignore[method-assign]


def _shared(house: House) -> None:
    house.conversations = replace(
        house.conversations, searcher=SearchEvidence(replace(house.search, rights=Everything()))
    )


def _owner(house: House) -> None:
    async def find(_person: Person, conversation_id: str) -> Any:
        return house.store._conversation(conversation_id)

    house.store.find = find  # type: ignore[method-assign]


CHECKS = [_search, _current, _reach, _owner, _files_browsed, _folders_browsed, _sampled]


@pytest.mark.parametrize("taken_out", [*CHECKS, _organisation, _shared])
async def test_a_check_that_is_taken_out_is_noticed(taken_out: Callable[[House], None]) -> None:
    """Search and whole files, old sources, collections, the owner of a conversation: each alone leaks."""
    house = House()
    if taken_out in (_current, _owner, _organisation, _shared):
        for person in (ALICE, BOB):
            await house.heard(person)
    taken_out(house)
    if taken_out is _current:
        told = [text for person in (ALICE, BOB) for text in (await house.heard(person)).values()]
        assert any(canary(kind) in text for text in told for kind in KINDS)
    else:
        assert await house.leaks(first=True)


async def test_knowing_the_chunks_of_a_file_is_no_right_to_it() -> None:
    """As where a table is computed over all rows of a file: the right is asked for beside the reading."""
    house = House()
    for kind, (_, _, readers) in KINDS.items():
        for person in EVERYBODY:
            reading = house.evidence.whole(PEOPLE[person], kind, (f"{kind}.1",))
            if person in readers:
                assert canary(kind) in (await reading)[0].text
            else:
                with pytest.raises(NotFound):
                    await reading
