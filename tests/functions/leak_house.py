"""The chat function over a file, folder and collection of each kind of right, and all that is heard of them.

The index and the shelf are wrong on purpose: they let everybody find everything. So what is tested is the
second sieve.
"""

import re
from collections.abc import AsyncIterator, Collection
from dataclasses import replace
from typing import Any

import httpx

from functions.chat.evidence import SearchEvidence
from functions.chat.routes import ROUTES
from functions.chat.wiring import Services
from shared.answers.conversations import Conversations
from shared.answers.interfaces import Delta, Prompt
from shared.answers.service import AnswerService
from shared.answers.suggestions import Suggester
from shared.errors import NotSignedIn
from shared.identity.downloads import RecordedDownloads
from shared.identity.explanation import Explainer
from shared.identity.recorded import RecordedAccess, RecordedFile, RecordedGrant
from shared.ingestion.interfaces import Collection as Named
from shared.models import Person
from shared.search.answering import OneIndex, Space
from shared.search.browsing import Browser
from shared.search.interfaces import FileEntry
from shared.search.passages import Limits
from shared.search.reach import Reach
from shared.search.service import Search
from shared.web.app import make_app
from shared.web.guard import Guard
from tests.fakes.browsing import FakeShelf, file, folder
from tests.fakes.ingestion import FakeClock
from tests.fakes.recorded import RAN_OUT, FakeRecorded
from tests.fakes.runs import FakeCollections
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


def folder_of(kind: str) -> str:
    """The id and name of the folder of this kind."""
    return f"folder-{kind}"


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
        self.library, self.finder, self.shelf = FakeLibrary(), FakeFinder(), FakeShelf()
        for kind, (grants, via, _) in KINDS.items():
            self.recorded.stored[kind] = RecordedFile(kind, f"{kind}.txt", grants, via)
            text = f"The secret word of the {kind} file is {canary(kind)}."
            self.library.passages[f"{kind}.1"] = passage(kind, 1, text)
            self.library.files[kind] = FileEntry(
                kind, f"{kind}.txt", f"https://d/{kind}", "", kind, (f"{kind}.1",)
            )
            self.finder.similarity[f"{kind}.1"] = 0.9
            around = folder_of(kind)
            self.recorded.stored[around] = RecordedFile(around, around, grants, via)
            self.shelf.put(folder(around, kind), "anyone")
            self.shelf.put(file(kind, around, name=f"{kind}.txt"), "anyone")
            self.shelf.put(file(kind, kind, name=f"{kind}.txt"), "anyone")
            tokens = [f"user:{one}" for one in EVERYBODY]
            self.finder.restricts[f"{kind}.1"] = {
                "principal": (*tokens,),
                "file": (kind,),
                "collection": (kind,),
            }
        rights = RecordedAccess(self.recorded, self.recorded)
        limits = Limits(100, 20, 6)
        self.search = Search(
            OneIndex(Space(FakeQueryEmbedder(), self.finder, 2)),
            self.library,
            rights,
            FakeGroupsOf(),
            FakeStatistics(),
            limits,
        )
        self.store = FakeConversations()
        self.evidence = SearchEvidence(self.search)
        self.conversations = Conversations(self.store, self.evidence, FakeClock())
        self.reach = Reach(self.search.index, rights, FakeGroupsOf())
        self.browser = Browser(self.shelf, rights, rights, FakeGroupsOf())
        self.suggester = Suggester(self.evidence)
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
            browser=self.browser,
            suggester=self.suggester,
            downloads=RecordedDownloads(),
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
            told["suggestions"] = (await client.get("/chat/suggestions?limit=10")).text
            body = {"folders": [folder_of(kind) for kind in KINDS]}
            told["folders"] = (await client.post("/folders/batch", json=body)).text
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
                told |= await _looked_around(client, kind)
            told |= await self._conversations(client, person)
        return told

    def _telling(self) -> list[tuple[str, str]]:
        """Conversations with their owners: of each the ones about everything and about one whole file."""
        mine: dict[str, list[str]] = {}
        for name, owner in self.store.owners.items():
            mine.setdefault(owner, []).append(name)
        return [
            (name, owner)
            for owner, names in mine.items()
            for at, name in enumerate(names[: 2 + 3 * len(KINDS)])
            if at < 2 or at % 3 == 2
        ]

    async def _conversations(self, client: httpx.AsyncClient, person: str) -> dict[str, str]:
        """What is heard of everybody's conversations, and of those that colleagues shared."""
        told = {"search": (await client.get("/chat/conversations?q=secret")).text}
        for name, owner in self._telling():
            own = f"/chat/conversations/{name}"
            for path in (own, f"{own}/export"):
                told[path] = (await client.get(path)).text
            if owner == person:
                await client.post(f"{own}/share")
            shared = self.store.shares.get(name)
            if shared is not None:
                told[f"/chat/shared/{name}"] = (await client.get(f"/chat/shared/{shared.id}")).text
        return told

    async def leaks(self, *, first: bool = False) -> list[tuple[str, str, str]]:
        """(person, kind, where) of everything told to somebody who may not read it; of the `first` person."""
        found = []
        for person in sorted(EVERYBODY):
            for where, text in (await self.heard(person)).items():
                for kind, (_, _, readers) in KINDS.items():
                    said = any(word in text for word in (canary(kind), f"{kind}.txt", folder_of(kind)))
                    if said and person not in readers:
                        found.append((person, kind, where))
                way, _, own = where.rpartition("/chat/conversations/")
                owner = self.store.owners.get(own.partition("/")[0], person)
                reads = self._reads_shared(person, where)
                if (owner != person and not way and QUESTION in text) or (not reads and QUESTION in text):
                    found.append((person, "conversation", where))
            if first and found:
                break
        return found

    def _reads_shared(self, person: str, where: str) -> bool:
        """Whether the person is in the organisation in which a conversation is shared; True for all else."""
        owner = self.store.owners.get(where.removeprefix("/chat/shared/"), person)
        return owner.rpartition("@")[2] == person.rpartition("@")[2]

    def withdraw(self) -> None:
        """Nobody has a right to anything any more."""
        for name, recorded in self.recorded.stored.items():
            self.recorded.stored[name] = replace(recorded, grants=(), via=None)


async def _looked_around(client: httpx.AsyncClient, kind: str) -> dict[str, str]:
    """What is heard of a kind's collection, folder and file without a question."""
    told = {}
    for path in (
        f"/folders?collection={kind}",
        f"/folders?folder_id={folder_of(kind)}",
        f"/folders/search?q={kind}",
        f"/chat/suggestions?file_id={kind}",
        f"/chat/suggestions?collection={kind}",
        f"/chat/suggestions?folder_id={folder_of(kind)}",
        f"/files/{kind}/download",
    ):
        answer = await client.get(path)
        told[path] = answer.text + answer.headers.get("location", "").replace("https://d/", f"{kind}.txt ")
    return told
