"""The chat function over HTTP, with fakes behind its services."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from functions.chat.evidence import SearchEvidence
from functions.chat.routes import ROUTES
from functions.chat.wiring import Services
from shared.answers.conversations import Conversations
from shared.answers.service import AnswerService
from shared.answers.suggestions import Suggester
from shared.errors import NotSignedIn
from shared.identity.downloads import DriveDownloads, Offer
from shared.ingestion.interfaces import Collection
from shared.models import Person
from shared.search.answering import OneIndex, Space
from shared.search.browsing import Browser
from shared.search.interfaces import FileEntry
from shared.search.passages import Limits
from shared.search.reach import Reach
from shared.search.service import Search
from shared.web.app import make_app
from shared.web.guard import Guard
from tests.fakes.browsing import FakeShelf, downloads, file, folder
from tests.fakes.ingestion import FakeClock
from tests.fakes.recorded import unexplained
from tests.fakes.runs import FakeCollections
from tests.fakes.search import (
    ALICE,
    STOPPED,
    FakeConversations,
    FakeFinder,
    FakeGroupsOf,
    FakeLibrary,
    FakeModel,
    FakeQueryEmbedder,
    FakeRights,
    FakeStatistics,
    passage,
)

DOWNLOAD = "https://drive.google.com/uc?id=leave&export=download"
HOME = "http://127.0.0.1:8080"
BOB = Person("2", "bob@example.com", "example.com", "Bob")
QUESTION = "How many days of annual leave?"


class FakePeople:
    """Alice and Bob, by name."""

    async def person(self, token: str) -> Person:
        """The person of a known token."""
        people = {"alice": ALICE, "bob": BOB}
        if token not in people:
            raise NotSignedIn("Your session has ended.")
        return people[token]


class Office:
    """One file that Alice may read and Bob may not."""

    def __init__(self) -> None:
        self.model = FakeModel(["You have ", "25 days [1]", "[7]."])
        self.library, self.finder = FakeLibrary(), FakeFinder()
        entry = passage("leave", 1, "Everyone has 25 days of annual leave a year.")
        self.library.passages["leave.1"] = entry
        self.library.files["leave"] = FileEntry(
            "leave", "Leave.txt", "https://d/leave", "", "main", ("leave.1",)
        )
        self.finder.similarity["leave.1"] = 0.7
        self.finder.restricts["leave.1"] = {
            "principal": ("domain:example.com",),
            "file": ("leave",),
            "collection": ("main",),
        }
        self.shelf = FakeShelf()
        self.shelf.put(folder("People"), "domain:example.com")
        self.shelf.put(file("leave", "People"), "domain:example.com")
        self.shelf.put(file("rules", "People"), "domain:example.com")
        rights = FakeRights({"1": {"leave", "rules", "People"}})
        search = Search(
            OneIndex(Space(FakeQueryEmbedder(), self.finder, 2)),
            self.library,
            rights,
            FakeGroupsOf(),
            FakeStatistics(),
            Limits(40, 8, 6),
        )
        self.conversations = FakeConversations()
        answers = AnswerService(SearchEvidence(search), self.model, self.conversations, FakeClock(), 0.5)
        guard = Guard(FakePeople(), frozenset([HOME]))
        collections = FakeCollections({"main": Collection("main", "Handbook", "root")})
        evidence = SearchEvidence(search)
        services = Services(
            answers,
            search,
            collections,
            unexplained(),
            guard,
            conversations=Conversations(self.conversations, evidence, FakeClock()),
            reach=Reach(search.index, rights, FakeGroupsOf()),
            browser=Browser(self.shelf, rights, rights, FakeGroupsOf()),
            suggester=Suggester(SearchEvidence(search)),
            downloads=downloads(leave=Offer(DOWNLOAD, "", downloadable=True)),
        )
        self.services = services
        self.app = make_app(ROUTES, services, guard)

    def replace_downloads(self, other: DriveDownloads) -> None:
        """Have Drive offer something else."""
        self.app.state.services = replace(self.services, downloads=other)


@pytest.fixture
def office() -> Office:
    """A fresh office."""
    return Office()


@pytest.fixture
async def alice(office: Office) -> AsyncIterator[httpx.AsyncClient]:
    """Alice's client."""
    async with client_of(office, "alice") as client:
        yield client


def client_of(office: Office, name: str) -> httpx.AsyncClient:
    """Somebody's client."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(office.app),
        base_url=HOME,
        headers={"Authorization": f"Bearer {name}"} if name else {},
    )


async def test_an_answer_as_one_object(alice: httpx.AsyncClient) -> None:
    """Answer, sources with their places, ids; a citation of what was not given is gone."""
    answer = await alice.post("/chat", json={"message": QUESTION})
    body = answer.json()
    assert body["answer"] == "You have 25 days [1]."
    assert (body["declined"], body["degraded"]) == (False, False)
    assert body["sources"] == [
        {
            "n": 1,
            "file_id": "leave",
            "file": "Leave.txt",
            "locator": {},
            "quote": "Everyone has 25 days of annual leave a year.",
            "link": "https://d/leave",
            "passage_id": "leave.1",
            "superseded_by": "",
        }
    ]
    assert body["request_id"] == answer.headers["x-request-id"]
    assert body["conversation_id"]


async def test_an_answer_as_events_says_the_same(alice: httpx.AsyncClient) -> None:
    """meta, sources, tokens, done; the tokens joined are the answer of the JSON form."""
    answer = await alice.post("/chat", json={"message": QUESTION}, headers={"Accept": "text/event-stream"})
    events = [block.split("\n") for block in answer.text.strip().split("\n\n")]
    named = [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in events]
    assert [name for name, _ in named][:2] == ["meta", "sources"]
    assert named[-1][0] == "done"
    assert "".join(data["text"] for name, data in named if name == "token") == "You have 25 days [1]."
    assert named[1][1][0]["file"] == "Leave.txt"
    assert named[-1][1]["usage"]["output_tokens"] == 5


async def test_who_may_not_read_hears_nothing_of_it(office: Office) -> None:
    """Bob's question is declined without a name, a count or a model call; the file itself is not there."""
    async with client_of(office, "bob") as bob:
        answer = await bob.post("/chat", json={"message": QUESTION})
        assert answer.json()["declined"]
        assert "Leave" not in answer.text
        assert not office.model.prompts
        for url in ("/files/leave/passages", "/files/absent/passages"):
            refused = await bob.get(url)
            assert refused.status_code == 404
        named = await bob.post("/chat", json={"message": QUESTION, "file_id": "leave"})
        absent = await bob.post("/chat", json={"message": QUESTION, "file_id": "absent"})
        strip = {"request_id": ""}
        assert named.status_code == absent.status_code == 404
        assert named.json() | strip == absent.json() | strip


async def test_a_refusal_keeps_its_status_when_streaming(alice: httpx.AsyncClient) -> None:
    """What is wrong before the first event is an HTTP error, not a stream with an error in it."""
    answer = await alice.post(
        "/chat",
        json={"message": QUESTION, "conversation_id": "absent"},
        headers={"Accept": "text/event-stream"},
    )
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_model_that_is_down_is_quoted_around(office: Office, alice: httpx.AsyncClient) -> None:
    """The answer quotes its sources and says that it is degraded."""
    office.model.pieces, office.model.failure = [], STOPPED
    body = (await alice.post("/chat", json={"message": QUESTION})).json()
    assert body["degraded"]
    assert "25 days of annual leave" in body["answer"]


async def test_an_unforeseen_failure_ends_the_stream_with_an_error(
    office: Office, alice: httpx.AsyncClient
) -> None:
    """One `error` event with a problem, nothing of the inside."""
    office.model.failure = RuntimeError("hunter2")
    answer = await alice.post("/chat", json={"message": QUESTION}, headers={"Accept": "text/event-stream"})
    last = answer.text.strip().split("\n\n")[-1]
    assert last.startswith("event: error\n")
    assert json.loads(last.split("data: ", 1)[1])["status"] == 500
    assert "hunter2" not in answer.text


@pytest.mark.parametrize(
    "body",
    [
        {"message": ""},
        {"message": "   "},
        {"message": "x" * 1001},
        {},
        {"message": "hi", "temperature": 2},
        {"message": "hi", "file_id": "../secret"},
        {"message": "hi", "conversation_id": ""},
        {"message": 7},
    ],
)
async def test_a_bad_question_is_a_clear_422(alice: httpx.AsyncClient, body: dict[str, object]) -> None:
    """Empty, blank, 1,001 characters, missing, unknown or malformed fields."""
    answer = await alice.post("/chat", json=body)
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:problem-type:docent:invalid"


async def test_a_question_of_1000_characters_is_taken(alice: httpx.AsyncClient) -> None:
    """The longest legal question."""
    assert (await alice.post("/chat", json={"message": "x" * 1000})).status_code == 200


async def test_a_source_is_shown_in_its_place(alice: httpx.AsyncClient) -> None:
    """The passage with its neighbours, the cited one marked, the link that opens there."""
    body = (await alice.get("/files/leave/passages", params={"around": "leave.1"})).json()
    assert (body["file"], body["link"]) == ("Leave.txt", "https://d/leave")
    assert [(one["passage_id"], one["cited"]) for one in body["passages"]] == [("leave.1", True)]


async def test_collections_are_listed(alice: httpx.AsyncClient) -> None:
    """Ids and names."""
    assert (await alice.get("/collections")).json() == {
        "collections": [{"id": "main", "name": "Handbook"}],
        "next_cursor": None,
    }


async def test_log_lines_hold_numbers_and_no_words(
    alice: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither the question, nor the answer, nor a document, nor who asked can be read in the log."""
    await alice.post("/chat", json={"message": QUESTION})
    await alice.post("/chat", json={"message": "Where is the Zanzibar contract?", "file_id": "absent"})
    logged = capsys.readouterr().out
    assert '"answer.finished"' in logged
    for words in ("annual leave", "25 days", "Zanzibar", "Leave.txt", "alice", "Bearer"):
        assert words not in logged


async def test_strangers_get_nothing(office: Office) -> None:
    """Every route wants a session."""
    async with client_of(office, "") as stranger:
        for method, path in (("POST", "/chat"), ("GET", "/collections"), ("GET", "/files/leave/passages")):
            assert (await stranger.request(method, path)).status_code == 401


@pytest.mark.parametrize(
    "odd", ["%0F", "a%3Falt=media", "a%23b", "a%25b", "%F0%9F%98%80", "__a__", "a%20b", "a" * 401]
)
async def test_what_could_be_no_id_is_nothing(alice: httpx.AsyncClient, odd: str) -> None:
    """Found by fuzzing: it would go into an address of Drive's, or be no name that Firestore takes."""
    for path in (f"/files/{odd}/access", f"/files/{odd}/passages", f"/chat/conversations/{odd}"):
        assert (await alice.get(path)).status_code == 404, path
