"""The change feed, changes on disk, restarts, and sidecars edited on the way.

Expected behaviour: the Change resource of the Drive v3 reference.
"""

import json
from pathlib import Path

import pytest
from googleapiclient.errors import HttpError

from .conftest import (
    ALICE,
    BOB,
    CAROL,
    OFFICE_FILES,
    PEOPLE,
    Cloud,
    Feed,
    Serve,
    group,
    listed,
    office,
    text,
    user,
    who,
)

pytestmark = pytest.mark.source("https://developers.google.com/workspace/drive/api/reference/rest/v3/changes")


def test_the_one_who_loses_access_sees_the_file_removed(cloud: Cloud) -> None:
    """After `unshare` the loser's feed says removed, the owner's shows the file, others' say nothing."""
    item_id = cloud.ids()["b.txt"]
    feeds = {person: Feed(cloud, person) for person in PEOPLE}
    cloud.play({"event": "unshare", "doc_id": "b.txt", "permission": user(CAROL)})
    assert who(cloud, item_id) == {ALICE}
    assert feeds[CAROL].news() == [{"fileId": item_id, "removed": True, "changeType": "file"}]
    assert feeds[ALICE].news()[0]["removed"] is False
    assert feeds[BOB].news() == []


@pytest.mark.source("local/drive/README.md: settings")
def test_a_folders_change_can_be_reported_for_everything_below(serve: Serve) -> None:
    """With folder_changes=descendants the files below a folder are in the feed too."""
    cloud = serve({"a.txt": "1", "b.txt": "2", "lab.txt": "3"}, office(), folder_changes="descendants")
    ids, feed = cloud.ids(), Feed(cloud, BOB)
    cloud.play({"event": "unshare_folder", "folder": "A", "permission": group("team@example.com")})
    assert {(one["fileId"], one["removed"]) for one in feed.news()} == {
        (ids["A"], True),
        (ids["a.txt"], True),
    }


@pytest.mark.source("local/drive/README.md: state")
def test_what_people_did_survives_a_restart(serve: Serve, tmp_path: Path) -> None:
    """With a state folder, all that people did, the clock and page tokens outlive the server."""
    state = tmp_path / "state"
    cloud = serve(OFFICE_FILES, office(), state=state)
    feed = Feed(cloud)
    cloud.play(
        {"event": "edit", "doc_id": "a.txt", "content": text("edited")},
        {"event": "move", "doc_id": "a.txt", "path_after": "New/Place/a.txt"},
        {
            "event": "share",
            "doc_id": "a.txt",
            "permission": user(CAROL, expirationTime="2025-06-01T00:00:00Z"),
        },
        {"event": "create", "doc_id": "c.txt", "path_after": "A/c.txt", "owner": BOB, "content": text("c")},
        {"event": "group_add", "group": "team@example.com", "member": CAROL},
        {"event": "delete", "doc_id": "b.txt"},
        {"event": "clock", "time": "2025-05-01T00:00:00Z"},
    )
    fields = "id,name,parents,version,modifiedTime,md5Checksum,permissionIds"
    before = listed(cloud.service(), fields=fields)
    with Cloud(cloud.loop, cloud.signin, cloud.folder, state) as again:
        assert listed(again.service(), fields=fields) == before
        assert who(again, again.ids()["a.txt"]) == {ALICE, CAROL}
        assert who(again, again.ids()["c.txt"]) == {ALICE, BOB, CAROL}
        feed._service = again.service()
        assert len(feed.news()) == 5


@pytest.mark.source("local/drive/README.md: changes on disk")
def test_changes_on_disk_are_in_the_feed(serve: Serve, tmp_path: Path) -> None:
    """A file added, edited or removed on disk is a change, while running and across a restart."""
    cloud = serve({"a.txt": "1", "b.txt": "2"}, state=tmp_path / "state")
    feed = Feed(cloud)
    ids = cloud.ids()
    (cloud.folder / "sub").mkdir()
    (cloud.folder / "sub" / "c.txt").write_text("3")
    (cloud.folder / "a.txt").write_text("1, longer")
    (cloud.folder / "b.txt").unlink()
    cloud.look_again()
    news = {one["fileId"]: one["removed"] for one in feed.news()}
    assert news == {ids["a.txt"]: False, ids["b.txt"]: True, cloud.ids()["c.txt"]: False}
    assert cloud.service().files().get_media(fileId=ids["a.txt"]).execute() == b"1, longer"
    cloud.stop()
    (cloud.folder / "sub" / "c.txt").write_text("3 again")
    with Cloud(cloud.loop, cloud.signin, cloud.folder, tmp_path / "state") as again:
        feed._service = again.service()
        assert [one["file"]["name"] for one in feed.news()] == ["c.txt"]


@pytest.mark.parametrize("token", ["", "abc", "999999", "-1", "1~x"])
def test_a_bad_page_token_is_refused(cloud: Cloud, token: str) -> None:
    """changes.list with a token that the feed never gave is 400."""
    with cloud.http() as client:
        assert client.get("drive/v3/changes", params={"pageToken": token}).status_code == 400


@pytest.mark.source("local/drive/README.md: sidecar")
def test_an_edited_sidecar_is_taken_over_while_running(cloud: Cloud) -> None:
    """New permissions hold at once, the loser's feed says removed; a broken sidecar changes nothing."""
    path, ids = cloud.folder / "permissions.json", cloud.ids()
    feed, all_feed = Feed(cloud, CAROL), Feed(cloud)
    edited = office()
    edited["files"]["b.txt"]["permissions"] = [user(ALICE, "owner"), user(BOB)]
    path.write_text(json.dumps(edited))
    cloud.look_again()
    assert who(cloud, ids["b.txt"]) == {ALICE, BOB}
    assert feed.news("fileId,removed") == [{"fileId": ids["b.txt"], "removed": True}]
    assert [one["fileId"] for one in all_feed.news()] == [ids["b.txt"]]
    path.write_text("{ not json")
    cloud.look_again()
    assert who(cloud, ids["b.txt"]) == {ALICE, BOB}


@pytest.mark.source("local/drive/README.md: sidecar")
def test_a_sidecar_edited_between_two_starts_is_reported(serve: Serve, tmp_path: Path) -> None:
    """After a restart with another permissions.json every item is in the connector's feed."""
    cloud = serve(OFFICE_FILES, office(), state=tmp_path / "state")
    feed, ids = Feed(cloud), cloud.ids()
    cloud.stop()
    edited = office()
    edited["files"]["b.txt"]["permissions"] = [user(ALICE, "owner")]
    again = serve(OFFICE_FILES, edited, state=tmp_path / "state")
    feed._service = again.service()
    assert ids["b.txt"] in {one.get("fileId") for one in feed.news()}
    assert who(again, ids["b.txt"]) == {ALICE}


@pytest.mark.source("local/drive/README.md: state")
def test_a_state_used_for_another_folder_starts_anew(serve: Serve, tmp_path: Path) -> None:
    """Nothing of the old folder shows, and page tokens from before are refused: readers list again."""
    cloud = serve({"a.txt": "1"}, state=tmp_path / "state")
    cloud.play({"event": "create", "doc_id": "made.txt", "owner": ALICE, "content": text("m")})
    feed = Feed(cloud)
    cloud.stop()
    other = tmp_path / "other"
    other.mkdir()
    (other / "z.txt").write_text("z")
    with Cloud(cloud.loop, cloud.signin, other, tmp_path / "state") as again:
        assert set(again.ids()) == {"z.txt"}
        feed._service = again.service()
        with pytest.raises(HttpError) as refused:
            feed.news()
        assert refused.value.resp.status == 400
        assert Feed(again).news() == []
