"""The connector, on Google's client, against the local Drive: what it promises to ingestion."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from local.control.faults import Fault
from shared.errors import NotFound, TooLarge, TooMany, Unavailable
from shared.gcp import drive_calls
from shared.ingestion.drive import USER_FEED, Grant, Item, TokenLost
from tests.fakes.drive_cloud import DriveCloud, drive_cloud

ALICE, BOB = "alice@example.com", "bob@example.com"
OWNER = {"type": "user", "role": "owner", "emailAddress": ALICE}
NAMES = ["o'clock \\ 100 %.txt", "日本語 - résumé.txt", "a\tb?*:<>|.txt", "plain.txt"]
DOC = "application/vnd.google-apps.document"


@pytest.fixture
async def cloud(tmp_path: Path) -> AsyncIterator[DriveCloud]:
    """A Drive with odd names, a deep folder, a shared drive and a big document."""
    files = tmp_path / "files"
    deep = files.joinpath(*(f"level {number}" for number in range(20)))
    deep.mkdir(parents=True)
    (deep / "bottom.txt").write_text("deep")
    for name in NAMES:
        (files / name).write_text(name)
    (files / "long.txt").write_text("0123456789" * 200_000)
    (files / "big.md").write_text("A line of text.\n" * 750_000)
    (files / "Team").mkdir()
    (files / "Team" / "plan.txt").write_text("plan")
    entries: dict[str, Any] = {
        one.relative_to(files).as_posix(): {"owner": ALICE, "permissions": [OWNER]}
        for one in files.rglob("*")
        if one.is_file()
    }
    entries["big.md"] |= {"nativeMimeType": DOC}
    (files / "old.txt").write_text("Shared by its link long ago.")
    link = {"type": "anyone", "role": "reader", "allowFileDiscovery": False}
    entries["old.txt"] = {"id": "old", "owner": ALICE, "resourceKey": "0-key", "permissions": [OWNER, link]}
    entries["Team/plan.txt"] = {"permissions": [], "folder": "Team", "driveId": "0ATeam"}
    sidecar = {
        "users": [ALICE, BOB],
        "groups": {},
        "files": entries,
        "shared_drives": {
            "Team": {
                "id": "0ATeam",
                "members": [{"type": "user", "role": "organizer", "emailAddress": BOB}],
            }
        },
    }
    (tmp_path / "permissions.json").write_text(json.dumps(sidecar))
    async with drive_cloud(tmp_path) as one:
        yield one


async def everything(cloud: DriveCloud) -> dict[str, Item]:
    """All items by name."""
    connector = cloud.connector()
    frontier = [(await connector.folder("root")).id, *await connector.drives()]
    found: dict[str, Item] = {}
    while frontier:
        page = await connector.children([frontier.pop()], "")
        found |= {item.name: item for item in page.items}
        frontier += [item.id for item in page.items if item.is_folder]
    return found


async def test_every_file_is_listed_whatever_its_name_and_depth(cloud: DriveCloud) -> None:
    """Names with any character, 20 folders deep, shared drives too."""
    found = await everything(cloud)
    assert {*NAMES, "bottom.txt", "plan.txt"} <= set(found)
    assert found["plain.txt"].grants == (Grant("user", ALICE, "owner"),)
    assert found["plan.txt"].drive_id
    assert found["plan.txt"].grants is None
    assert await cloud.connector().grants(found["plan.txt"]) == (
        Grant("user", BOB, "organizer", source=found["plan.txt"].drive_id),
    )


async def test_a_folder_that_is_gone_spoils_no_listing(cloud: DriveCloud) -> None:
    """It has nothing in it, alone or among others."""
    root = (await cloud.connector().folder("root")).id
    together = await cloud.connector().children(["absent", root], "")
    assert "plain.txt" in {item.name for item in together.items}
    assert (await cloud.connector().children(["absent"], "")).items == ()
    with pytest.raises(NotFound):
        await cloud.connector().folder("absent")


async def test_the_feed_tells_of_each_change_once_and_of_what_is_gone(cloud: DriveCloud) -> None:
    """Edits, trash and deletions since a token; a token that Drive does not know is lost."""
    connector = cloud.connector()
    token = await connector.start_token(USER_FEED)
    assert (await connector.changes(USER_FEED, token)).entries == ()
    await cloud.people(
        {"event": "rename", "doc_id": "plain.txt", "path_after": "renamed.txt"},
        {"event": "rename", "doc_id": "plain.txt", "path_after": "again.txt"},
        {"event": "trash", "doc_id": NAMES[0]},
        {"event": "delete", "doc_id": NAMES[1]},
    )
    page = await connector.changes(USER_FEED, token)
    assert page.last
    shown = [(entry.item.name, entry.item.trashed) if entry.item else None for entry in page.entries]
    assert shown == [("again.txt", False), (NAMES[0], True), None]
    assert (await connector.changes(USER_FEED, page.token)).entries == ()
    with pytest.raises(TokenLost):
        await connector.changes(USER_FEED, "999999")
    with pytest.raises(TokenLost):
        await connector.changes("0Aabsent", token)


async def test_a_download_that_breaks_off_goes_on_where_it_was(cloud: DriveCloud, tmp_path: Path) -> None:
    """The bytes are whole, over a limit it stops, and what is gone is not found."""
    item = (await everything(cloud))["long.txt"]
    target = tmp_path / "out"
    await cloud.connector().download(item, target, 10_000_000)
    assert target.read_bytes() == b"0123456789" * 200_000
    cloud.server.control.faults.append(Fault(method="files.download", drop=True, times=2))
    await cloud.connector().download(item, target, 10_000_000)
    assert target.read_bytes() == b"0123456789" * 200_000
    with pytest.raises(TooLarge):
        await cloud.connector().download(item, target, 1000)
    await cloud.people({"event": "delete", "doc_id": "long.txt"})
    with pytest.raises(NotFound):
        await cloud.connector().download(item, target, 10_000_000)


async def test_an_export_over_10_mb_takes_the_link(cloud: DriveCloud, tmp_path: Path) -> None:
    """Google's export refuses 12 MB; the document's export link has no such limit, but ours holds."""
    item = (await everything(cloud))["big.md"]
    target = tmp_path / "out"
    await cloud.connector().download(item, target, 50_000_000)
    assert target.stat().st_size > 10_000_000
    assert cloud.server.control.calls["files.exportLink"] == 1
    with pytest.raises(TooLarge):
        await cloud.connector().download(item, target, 11_000_000)


@pytest.mark.parametrize("status", ["403", "429", "503"])
async def test_a_quota_error_is_waited_out(
    cloud: DriveCloud, status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice refused, the third try is answered; refused for ever, it is passed on to be tried much later."""
    waits: list[float] = []
    monkeypatch.setattr(drive_calls.time, "sleep", waits.append)
    cloud.server.control.faults.append(Fault(method="files.get", status=status, times=2))
    assert (await cloud.connector().folder("root")).is_folder
    assert len(waits) == 2
    assert waits[0] < waits[1] * 2 <= 4
    cloud.server.control.faults.append(Fault(method="files.get", status=status, times=0))
    with pytest.raises(TooMany if status != "503" else Exception) as refused:
        await cloud.connector().folder("root")
    assert getattr(refused.value, "retry_after", None)
    cloud.server.control.faults.clear()


async def test_an_answer_that_breaks_off_is_no_answer(cloud: DriveCloud) -> None:
    """Half a listing and half a file's entry are told as a Drive that cannot be reached."""
    for method in ("files.get", "files.list"):
        cloud.server.control.faults.append(Fault(method, drop=True, late=True))
    with pytest.raises(Unavailable):
        await cloud.connector().folder("root")
    with pytest.raises(Unavailable):
        await everything(cloud)
    assert (await cloud.connector().folder("root")).is_folder


async def test_a_channel_is_opened_and_closed(cloud: DriveCloud) -> None:
    """For a week, as Drive allows; closing it twice is no error."""
    connector = cloud.connector()
    token = await connector.start_token(USER_FEED)
    address = "http://127.0.0.1:9/ingest/drive-notifications"
    watch = await connector.watch(USER_FEED, token, "channel-1", "secret", address)
    assert watch.resource
    await connector.stop("channel-1", watch.resource)
    await connector.stop("channel-1", watch.resource)


async def test_a_person_as_connector_sees_what_they_see(cloud: DriveCloud) -> None:
    """Bob's grant shows Bob's files and hides the rest; who may not share sees no permissions."""
    found = await everything(cloud)
    bob = cloud.connector(BOB)
    assert await bob.item(found["plain.txt"].id) is None
    assert await bob.item(found["plan.txt"].id) is not None
    permission = {"type": "user", "role": "reader", "emailAddress": BOB}
    await cloud.people({"event": "share", "doc_id": "plain.txt", "permission": permission})
    shared = await bob.item(found["plain.txt"].id)
    assert shared is not None
    assert shared.shared
    assert await bob.grants(shared) is None


async def test_an_old_file_shared_by_link_is_read_with_its_resource_key(
    cloud: DriveCloud, tmp_path: Path
) -> None:
    """Without the key it is not there for a connector that never opened it; with it, rights and bytes are."""
    connector = cloud.connector(BOB)
    assert await connector.item("old") is None
    found = await connector.item("old", "0-key")
    assert found is not None
    assert found.resource_key == "0-key"
    await connector.download(found, tmp_path / "read", 1_000)
    assert (tmp_path / "read").read_text() == "Shared by its link long ago."
