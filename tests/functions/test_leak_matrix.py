"""People x files x 12 kinds of right x every route of chat: nobody is told what is not theirs.

The index is wrong on purpose: it lets everybody find every file. So what is tested is the second sieve, and
each place that asks it is then taken out, to see that the matrix notices.
"""

import re
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import replace
from typing import Any

import httpx
import pytest

from functions.chat.evidence import SearchEvidence
from functions.chat.routes import ROUTES
from functions.chat.wiring import Services
from shared.answers.conversations import Conversations
from shared.answers.interfaces import Delta, Prompt
from shared.answers.service import AnswerService
from shared.errors import NotSignedIn
from shared.identity.explanation import Explainer
from shared.identity.recorded import RecordedAccess, RecordedFile, RecordedGrant
from shared.ingestion.interfaces import Collection as Named
from shared.models import Person
from shared.search.interfaces import FileEntry
from shared.search.passages import Limits
from shared.search.reach import Reach
from shared.search.service import Search
from shared.web.app import make_app
from shared.web.guard import Guard
from tests.fakes.ingestion import FakeClock, FakeCollections
from tests.fakes.recorded import RAN_OUT, FakeRecorded
from tests.fakes.search import (
    FakeConversations,
    FakeFinder,
    FakeGroupsOf,
    FakeLibrary,
    FakeQueryEmbedder,
    FakeStatistics,
    passage,
)

HOME = "http://127.0.0.1:8080"
ALICE, BOB = "alice@example.com", "bob@example.com"
CAROL, DAVE = "carol@partner.example", "dave@elsewhere.example"
EVERYBODY = frozenset((ALICE, BOB, CAROL, DAVE))
PEOPLE = {one: Person(one, one, one.partition("@")[2]) for one in EVERYBODY}


def user(address: str, role: str = "reader", **values: Any) -> RecordedGrant:
    """A permission of one person's."""
    return RecordedGrant("user", address, role, **values)


KINDS: dict[str, tuple[Any, Any, frozenset[str]]] = {
    "owned": ((user(ALICE, "owner"),), None, frozenset((ALICE,))),
    "written": ((user(BOB, "writer"),), None, frozenset((BOB,))),
    "commented": ((user(CAROL, "commenter"),), None, frozenset((CAROL,))),
    "grouped": ((RecordedGrant("group", "staff@example.com"),), None, frozenset((ALICE,))),
    "emptied": ((RecordedGrant("group", "board@example.com"),), None, frozenset()),
    "domestic": ((RecordedGrant("domain", "example.com"),), None, frozenset((ALICE, BOB))),
    "foreign": ((RecordedGrant("domain", "partner.example"),), None, frozenset((CAROL,))),
    "public": ((RecordedGrant("anyone"),), None, EVERYBODY),
    "linked": ((RecordedGrant("anyone", findable=False),), None, EVERYBODY),
    "expired": ((user(ALICE, "owner"), user(BOB, expires=RAN_OUT)), None, frozenset((ALICE,))),
    "shortcut": ((RecordedGrant("anyone"),), (user(BOB),), frozenset((BOB,))),
    "unread": (None, None, frozenset()),
}
QUESTION = "What is the secret word of the files?"


def canary(kind: str) -> str:
    """A word that stands in this file only."""
    return f"ZX-{kind.upper()}-7"


class Signed:
    """People, their addresses being their tokens."""

    async def person(self, token: str) -> Person:
        """The person of a token."""
        if token not in PEOPLE:
            raise NotSignedIn("Your session has ended.")
        return PEOPLE[token]


class Everything:
    """A check that was taken out: it says yes to all."""

    async def readable(self, _person: Person, file_ids: Collection[str]) -> frozenset[str]:
        """All of them."""
        return frozenset(file_ids)


class Repeating:
    """A model that says all that it was given."""

    async def stream(self, prompt: Prompt) -> AsyncIterator[Delta]:
        """Each source's sentence with its number."""
        for number, text in re.findall(r'<source-\w+ id="(\d+)"[^>]*>\n(.*?)\n', prompt.user):
            yield Delta(f"{text} [{number}]\n")


class House:
    """The chat function over one file of each kind of right, each in a collection of its own."""

    def __init__(self) -> None:
        self.recorded = FakeRecorded({})
        self.library, self.finder = FakeLibrary(), FakeFinder()
        for kind, (grants, via, _) in KINDS.items():
            self.recorded.stored[kind] = RecordedFile(kind, f"{kind}.txt", grants, via)
            text = f"The secret word of the {kind} file is {canary(kind)}."
            self.library.passages[f"{kind}.1"] = passage(kind, 1, text)
            self.library.files[kind] = FileEntry(
                kind, f"{kind}.txt", f"https://d/{kind}", "", kind, (f"{kind}.1",)
            )
            self.finder.similarity[f"{kind}.1"] = 0.9
            tokens = [f"user:{one}" for one in EVERYBODY]
            self.finder.restricts[f"{kind}.1"] = {
                "principal": (*tokens,),
                "file": (kind,),
                "collection": (kind,),
            }
        rights = RecordedAccess(self.recorded, self.recorded)
        limits = Limits(100, 20, 6)
        self.search = Search(
            FakeQueryEmbedder(), self.finder, self.library, rights, FakeGroupsOf(), FakeStatistics(), limits
        )
        self.store = FakeConversations()
        self.evidence = SearchEvidence(self.search)
        self.conversations = Conversations(self.store, self.evidence, FakeClock())
        self.reach = Reach(self.finder, rights, FakeGroupsOf(), 2)
        self.explainer = Explainer(rights, self.recorded, self.recorded, "recorded")

    def client(self, person: str) -> httpx.AsyncClient:
        """Somebody's client."""
        answers = AnswerService(self.evidence, Repeating(), self.store, FakeClock(), 0.0)
        guard = Guard(Signed(), frozenset([HOME]))
        collections = FakeCollections({kind: Named(kind, f"{kind}.txt", kind) for kind in KINDS})
        services = Services(
            answers,
            self.search,
            collections,
            self.explainer,
            guard,
            conversations=self.conversations,
            reach=self.reach,
        )
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(make_app(ROUTES, services, guard)),
            base_url=HOME,
            headers={"Authorization": f"Bearer {person}"},
        )

    async def heard(self, person: str) -> dict[str, str]:
        """Everything that somebody can be told, by where."""
        told: dict[str, str] = {}
        async with self.client(person) as client:
            told["answer"] = (await client.post("/chat", json={"message": QUESTION})).text
            stream = {"Accept": "text/event-stream"}
            told["stream"] = (await client.post("/chat", json={"message": QUESTION}, headers=stream)).text
            told["collections"] = (await client.get("/collections")).text
            told["conversations"] = (await client.get("/chat/conversations")).text
            for kind in KINDS:
                message = {"message": "Give me a summary of this text", "file_id": kind}
                told[f"whole {kind}"] = (await client.post("/chat", json=message)).text
                told[f"file {kind}"] = (
                    await client.post("/chat", json={**message, "message": QUESTION})
                ).text
                told[f"collection {kind}"] = (
                    await client.post("/chat", json={"message": QUESTION, "collection": kind})
                ).text
                told[f"passages {kind}"] = (await client.get(f"/files/{kind}/passages")).text
                told[f"access {kind}"] = (await client.get(f"/files/{kind}/access")).text
            for name in list(self.store.owners):
                for path in (f"/chat/conversations/{name}", f"/chat/conversations/{name}/export"):
                    told[path] = (await client.get(path)).text
        return told

    async def leaks(self) -> list[tuple[str, str, str]]:
        """(person, kind, where) of everything that was told to somebody who may not read it."""
        found = []
        for person in sorted(EVERYBODY):
            for where, text in (await self.heard(person)).items():
                for kind, (_, _, readers) in KINDS.items():
                    said = canary(kind) in text or f"{kind}.txt" in text
                    if said and person not in readers:
                        found.append((person, kind, where))
                owner = self.store.owners.get(where.split("/")[3], person) if "/" in where else person
                if owner != person and QUESTION in text:
                    found.append((person, "conversation", where))
        return found

    def withdraw(self) -> None:
        """Nobody has a right to anything any more."""
        for kind, file in self.recorded.stored.items():
            self.recorded.stored[kind] = replace(file, grants=(), via=None)


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


def _current(house: House) -> None:
    house.withdraw()
    house.conversations = replace(
        house.conversations, searcher=SearchEvidence(replace(house.search, rights=Everything()))
    )


def _reach(house: House) -> None:
    house.reach = replace(house.reach, rights=Everything())


def _owner(house: House) -> None:
    async def find(_person: Person, conversation_id: str) -> Any:
        return house.store._conversation(conversation_id)

    house.store.find = find  # type: ignore[method-assign]


@pytest.mark.parametrize("taken_out", [_search, _current, _reach, _owner])
async def test_a_check_that_is_taken_out_is_noticed(taken_out: Callable[[House], None]) -> None:
    """Search and whole files, old sources, collections, the owner of a conversation: each alone leaks."""
    house = House()
    for person in EVERYBODY:
        await house.heard(person)
    taken_out(house)
    if taken_out is _current:
        told = [text for person in EVERYBODY for text in (await house.heard(person)).values()]
        assert any(canary(kind) in text for text in told for kind in KINDS)
    else:
        assert await house.leaks()
