"""What people do: every event of a script, seen through Google's client.

Expected behaviour: the guides of Drive v3 on permissions, trash and shared drives.
"""

import json

import httpx
import pytest

from .conftest import (
    ALICE,
    BOB,
    CAROL,
    NO_TLS,
    Cloud,
    Feed,
    text,
    user,
    who,
)

pytestmark = pytest.mark.source(
    "local/drive/README.md: events; for what follows from them "
    "https://developers.google.com/workspace/drive/api/guides/manage-sharing"
)


def test_an_edit_gives_new_bytes_version_and_time_but_the_folder_stays_as_it_is(cloud: Cloud) -> None:
    """After `edit` the bytes, checksum, version and modifiedTime are new; the file on disk is untouched."""
    service, item_id, feed = cloud.service(), cloud.ids()["a.txt"], Feed(cloud)
    fields = "version,md5Checksum,modifiedTime,size,headRevisionId"
    before = service.files().get(fileId=item_id, fields=fields).execute()
    cloud.play(
        {"event": "edit", "time": "2025-04-03T00:00:00Z", "doc_id": "a.txt", "content": text("changed!")}
    )
    after = service.files().get(fileId=item_id, fields=fields).execute()
    assert service.files().get_media(fileId=item_id).execute() == b"changed!"
    assert int(after["version"]) > int(before["version"])
    assert (after["size"], after["modifiedTime"]) == ("8", "2025-04-03T00:00:00.000Z")
    assert after["md5Checksum"] != before["md5Checksum"]
    assert after["headRevisionId"] != before["headRevisionId"]
    assert (cloud.folder / "files" / "a.txt").read_text() == "one"
    assert feed.news("fileId,removed,file(name)") == [
        {"fileId": item_id, "removed": False, "file": {"name": "a.txt"}}
    ]


def test_a_created_file_has_its_rights_and_place(cloud: Cloud) -> None:
    """`create` makes a file that inherits from its folder; with permissions, its list is complete."""
    feed = Feed(cloud)
    created = cloud.play(
        {
            "event": "create",
            "doc_id": "new.txt",
            "path_after": "A/new.txt",
            "owner": ALICE,
            "content": text("n"),
        },
        {
            "event": "create",
            "doc_id": "own.txt",
            "path_after": "A/deep/own.txt",
            "owner": CAROL,
            "permissions": [user(CAROL, "owner")],
            "content": text("o"),
        },
    )
    assert who(cloud, created[0]["file_id"]) == {ALICE, BOB}
    assert who(cloud, created[1]["file_id"]) == {CAROL}
    assert {one["file"]["name"] for one in feed.news()} == {"new.txt", "own.txt", "deep"}
    assert cloud.service().files().get_media(fileId=created[0]["file_id"]).execute() == b"n"


def test_a_copy_has_the_bytes_and_none_of_the_shares(cloud: Cloud) -> None:
    """`copy` gives a new file with the source's bytes, open to its owner and its folder's readers only."""
    copy = {"event": "copy", "source": "b.txt", "doc_id": "b2.txt", "path_after": "B/b2.txt", "owner": ALICE}
    item_id = cloud.play(copy)[0]["file_id"]
    assert cloud.service().files().get_media(fileId=item_id).execute() == b"two"
    assert who(cloud, item_id) == {ALICE}


def test_rename_and_move_keep_the_id_and_the_bytes(cloud: Cloud) -> None:
    """After both, id and checksum are the same; name, parents and the inherited rights are new."""
    service, ids, feed = cloud.service(), cloud.ids(), Feed(cloud)
    before = service.files().get(fileId=ids["a.txt"], fields="md5Checksum").execute()
    cloud.play(
        {"event": "rename", "doc_id": "a.txt", "path_after": "A/renamed.txt"},
        {"event": "move", "doc_id": "a.txt", "path_after": "B/renamed.txt"},
    )
    after = service.files().get(fileId=ids["a.txt"], fields="name,parents,md5Checksum").execute()
    assert after == {"name": "renamed.txt", "parents": [ids["B"]]} | before
    assert who(cloud, ids["a.txt"]) == {ALICE}
    assert [one["fileId"] for one in feed.news()] == [ids["a.txt"]]


def test_share_gives_and_a_second_share_replaces(cloud: Cloud) -> None:
    """`share` with an expiry counts until then; sharing again with the same person replaces the entry."""
    item_id = cloud.ids()["b.txt"]
    cloud.play({"event": "share", "doc_id": "b.txt", "permission": user(BOB)})
    assert who(cloud, item_id) == {ALICE, BOB, CAROL}
    until = user(BOB, expirationTime="2025-04-05T00:00:00Z")
    cloud.play({"event": "share", "doc_id": "b.txt", "permission": until})
    assert who(cloud, item_id) == {ALICE, BOB, CAROL}
    feed = Feed(cloud)
    cloud.play({"event": "clock", "time": "2025-04-06T00:00:00Z"})
    assert who(cloud, item_id) == {ALICE, CAROL}
    assert feed.news() == []


def test_trash_hides_from_others_and_untrash_brings_back(cloud: Cloud) -> None:
    """A trashed file is in the owner's lists only, still answers files.get, and its change is no removal."""
    ids, feed = cloud.ids(), Feed(cloud, BOB)
    cloud.play({"event": "trash", "doc_id": "a.txt"})
    assert who(cloud, ids["a.txt"]) == {ALICE}
    assert feed.news()[0]["file"] == {"name": "a.txt", "trashed": True}
    assert cloud.service(BOB).files().get(fileId=ids["a.txt"], fields="trashed").execute() == {
        "trashed": True
    }
    cloud.play({"event": "untrash", "doc_id": "a.txt"})
    assert who(cloud, ids["a.txt"]) == {ALICE, BOB}


def test_a_trashed_folder_takes_its_files_along(cloud: Cloud) -> None:
    """What is below is trashed but not explicitlyTrashed; the feed names the folder alone."""
    ids, feed = cloud.ids(), Feed(cloud)
    cloud.play({"event": "trash_folder", "folder": "A"})
    found = cloud.service().files().get(fileId=ids["a.txt"], fields="trashed,explicitlyTrashed").execute()
    assert found == {"trashed": True, "explicitlyTrashed": False}
    assert [one["fileId"] for one in feed.news()] == [ids["A"]]
    cloud.play({"event": "untrash_folder", "folder": "A"})
    assert who(cloud, ids["a.txt"]) == {ALICE, BOB}


def test_folders_are_shared_renamed_and_limited(cloud: Cloud) -> None:
    """What is done to a folder holds for the files in it, under its new name too."""
    ids = cloud.ids()
    cloud.play({"event": "share_folder", "folder": "A", "permission": user(CAROL)})
    assert who(cloud, ids["a.txt"]) == {ALICE, BOB, CAROL}
    cloud.play({"event": "rename_folder", "folder": "A", "folder_after": "B/Inner"})
    found = cloud.service().files().get(fileId=ids["A"], fields="name,parents").execute()
    assert found == {"name": "Inner", "parents": [ids["B"]]}
    cloud.play({"event": "share_folder", "folder": "B", "permission": user("dan@example.com")})
    cloud.play({"event": "unshare_folder", "folder": "B/Inner", "permission": user(CAROL)})
    assert who(cloud, ids["a.txt"]) == {ALICE, BOB}
    only = {"event": "limit_folder", "folder": "B/Inner", "permissions": [user(CAROL)]}
    cloud.play(only)
    assert who(cloud, ids["a.txt"]) == {ALICE, CAROL}
    cloud.play(
        {"event": "share_folder", "folder": "B", "permission": user(BOB)},
        {"event": "unlimit_folder", "folder": "B/Inner"},
    )
    assert who(cloud, ids["a.txt"]) == {ALICE, BOB, CAROL}


def test_drive_members_come_and_go_as_changes_of_the_drive(cloud: Cloud) -> None:
    """drive_member_add and _remove change who reads all of the drive; its own feed says changeType drive."""
    item_id = cloud.ids()["lab.txt"]
    ask = {"driveId": "0Alab", "includeItemsFromAllDrives": True, "supportsAllDrives": True}
    feed, elsewhere = Feed(cloud, **ask), Feed(cloud, ALICE, restrictToMyDrive=True)
    cloud.play({"event": "drive_member_add", "folder": "Lab", "permission": user(BOB, "writer")})
    assert who(cloud, item_id) == {ALICE, BOB}
    mine = Feed(cloud, BOB)
    cloud.play({"event": "drive_member_remove", "folder": "Lab", "permission": user(BOB)})
    assert who(cloud, item_id) == {ALICE}
    assert feed.news("changeType,driveId,removed") == [
        {"changeType": "drive", "driveId": "0Alab", "removed": False}
    ]
    assert mine.news("changeType,driveId,removed") == [
        {"changeType": "drive", "driveId": "0Alab", "removed": True}
    ]
    assert elsewhere.news() == []


def test_group_changes_move_rights_and_the_feed_says_nothing(cloud: Cloud) -> None:
    """group_add and group_remove: members read at once, and no change is reported."""
    item_id, feed = cloud.ids()["a.txt"], Feed(cloud)
    cloud.play({"event": "group_add", "group": "team@example.com", "member": CAROL})
    assert who(cloud, item_id) == {ALICE, BOB, CAROL}
    cloud.play({"event": "group_remove", "group": "team@example.com", "member": BOB})
    assert who(cloud, item_id) == {ALICE, CAROL}
    assert feed.news() == []


def test_the_old_owner_stays_as_writer(cloud: Cloud) -> None:
    """transfer_owner: the new owner owns, the old one writes."""
    item_id = cloud.ids()["b.txt"]
    cloud.play({"event": "transfer_owner", "doc_id": "b.txt", "new_owner": CAROL})
    fields = "permissions(role,emailAddress)"
    shown = cloud.service().permissions().list(fileId=item_id, fields=fields).execute()["permissions"]
    roles = {one["emailAddress"]: one["role"] for one in shown}
    assert (roles[CAROL], roles[ALICE]) == ("owner", "writer")
    found = cloud.service(CAROL).files().get(fileId=item_id, fields="ownedByMe").execute()
    assert found == {"ownedByMe": True}


def test_a_deleted_file_is_removed_for_those_who_had_it(cloud: Cloud) -> None:
    """`delete`: removed in the feeds of its readers and of the connector, nothing for others."""
    item_id = cloud.ids()["b.txt"]
    feeds = {person: Feed(cloud, person) for person in ("", CAROL, BOB)}
    cloud.play({"event": "delete", "doc_id": "b.txt"})
    gone = [{"fileId": item_id, "removed": True, "changeType": "file"}]
    assert {person: feed.news() for person, feed in feeds.items()} == {"": gone, CAROL: gone, BOB: []}
    assert "b.txt" not in cloud.ids()


def test_an_event_that_cannot_be_applied_is_refused_and_ends_the_script(cloud: Cloud) -> None:
    """Unknown events, files and permissions are 400 with a sentence; what came after was not done."""
    for bad in (
        {"event": "explode"},
        {"event": "trash", "doc_id": "nothing.txt"},
        {"event": "trash"},
        {"event": "share", "doc_id": "a.txt", "permission": {"type": "user", "role": "king"}},
        {"event": "clock", "time": "soon"},
    ):
        lines = json.dumps(bad) + "\n" + json.dumps({"event": "trash", "doc_id": "a.txt"})
        answer = httpx.post(cloud.base + "local/events", content=lines, verify=NO_TLS)
        assert answer.status_code == 400
        assert len(answer.text.splitlines()) == 1
        assert answer.json()["error"]
    assert who(cloud, cloud.ids()["a.txt"]) == {ALICE, BOB}
