"""Looking around over HTTP: folders, suggestions, downloads, on fakes."""

from collections.abc import AsyncIterator

import httpx
import pytest

from shared.identity.downloads import DriveDownloads, Offer
from tests.fakes.browsing import downloads
from tests.functions.test_chat import DOWNLOAD, Office, client_of


@pytest.fixture
def office() -> Office:
    """A fresh office."""
    return Office()


@pytest.fixture
async def alice(office: Office) -> AsyncIterator[httpx.AsyncClient]:
    """Alice's client."""
    async with client_of(office, "alice") as client:
        yield client


async def test_the_top_of_a_collection_and_a_folder(alice: httpx.AsyncClient) -> None:
    """Folders and files with their states, and where they are read on."""
    top = (await alice.get("/folders", params={"collection": "main"})).json()
    people = {"kind": "folder", "id": "People", "name": "People"}
    assert top == {"folder": None, "items": [people], "next_cursor": None}
    inside = (await alice.get("/folders", params={"folder_id": "People"})).json()
    assert inside["folder"] == people
    assert [(one["kind"], one["id"], one["state"]) for one in inside["items"]] == [
        ("file", "leave", "indexed"),
        ("file", "rules", "indexed"),
    ]


async def test_pages_follow_each_other(alice: httpx.AsyncClient) -> None:
    """By the cursor of the one before."""
    first = (await alice.get("/folders", params={"folder_id": "People", "limit": 1})).json()
    again = {"folder_id": "People", "limit": 1, "cursor": first["next_cursor"]}
    second = (await alice.get("/folders", params=again)).json()
    assert [one["id"] for page in (first, second) for one in page["items"]] == ["leave", "rules"]
    assert second["next_cursor"] is None


async def test_names_are_searched(alice: httpx.AsyncClient) -> None:
    """Folders and files together."""
    found = (await alice.get("/folders/search", params={"q": "lea"})).json()
    assert [one["id"] for one in found["items"]] == ["leave"]


async def test_several_folders_in_one_request(alice: httpx.AsyncClient) -> None:
    """Those that are not the asker's are left out."""
    found = (await alice.post("/folders/batch", json={"folders": ["absent", "People", "People"]})).json()
    assert [one["folder"]["id"] for one in found["folders"]] == ["People"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/folders", None),
        ("GET", "/folders?folder_id=a&collection=b", None),
        ("GET", "/folders?folder_id=../x", None),
        ("GET", "/folders?folder_id=People&limit=0", None),
        ("GET", "/folders?folder_id=People&cursor=nonsense", None),
        ("GET", "/folders?folder_id=People&cursor=WzksImEiLCJiIl0=", None),
        ("GET", "/folders?folder_id=People&cursor=WzAsImEiLCJ4L3kiXQ==", None),
        ("GET", "/folders/search", None),
        ("GET", "/folders/search?q=%20", None),
        ("POST", "/folders/batch", {"folders": []}),
        ("POST", "/folders/batch", {"folders": ["a"] * 21}),
        ("GET", "/chat/suggestions?limit=11", None),
        ("GET", "/chat/suggestions?file_id=a/b", None),
    ],
)
async def test_what_is_not_understood_is_a_clear_422(
    alice: httpx.AsyncClient, method: str, path: str, body: dict[str, object] | None
) -> None:
    """With a sentence that names the field."""
    answer = await alice.request(method, path, json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"]


@pytest.mark.parametrize(
    "path", ["/folders?folder_id=People", "/folders/search?q=lea", "/chat/suggestions", "/collections"]
)
async def test_what_did_not_change_is_not_sent_again(alice: httpx.AsyncClient, path: str) -> None:
    """A private answer with a tag; a 304 without a body for who has it."""
    first = await alice.get(path)
    assert first.status_code == 200
    assert first.headers["cache-control"] == "private, no-cache"
    again = await alice.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_questions_are_suggested_from_what_can_be_read(
    office: Office, alice: httpx.AsyncClient
) -> None:
    """To Bob, who may read nothing, none; of a file that is not his, as of none at all."""
    mine = (await alice.get("/chat/suggestions")).json()["suggestions"]
    assert mine == [
        {
            "question": "What is \u201cLeave\u201d about?",
            "file_id": "leave",
            "file": "Leave.txt",
            "whole": True,
        }
    ]
    assert (await alice.get("/chat/suggestions", params={"file_id": "leave"})).json()["suggestions"] == mine
    async with client_of(office, "bob") as bob:
        assert (await bob.get("/chat/suggestions")).json() == {"suggestions": []}
        assert (await bob.get("/chat/suggestions", params={"file_id": "leave"})).status_code == 404


async def test_a_download_leads_to_drive(office: Office, alice: httpx.AsyncClient) -> None:
    """A redirect that nobody keeps; for what is not the asker's, 404 and no address."""
    answer = await alice.get("/files/leave/download")
    assert (answer.status_code, answer.headers["location"]) == (303, DOWNLOAD)
    assert answer.headers["cache-control"] == "private, no-store"
    async with client_of(office, "bob") as bob:
        for name in ("leave", "absent"):
            refused = await bob.get(f"/files/{name}/download")
            assert refused.status_code == 404
            assert "location" not in refused.headers


async def test_what_may_only_be_read_says_so(office: Office, alice: httpx.AsyncClient) -> None:
    """Drive's own restriction is Docent's."""
    forbidding: DriveDownloads = downloads(leave=Offer(DOWNLOAD, "", downloadable=False))
    office.replace_downloads(forbidding)
    answer = await alice.get("/files/leave/download")
    assert answer.status_code == 403
    assert answer.json()["type"] == "urn:problem-type:docent:not-allowed"
