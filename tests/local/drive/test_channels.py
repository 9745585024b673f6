"""Watch channels and the Admin SDK's groups.

Expected behaviour: Drive guide "Notifications for resource changes" (headers, sync message,
expiry, retries on 5xx), and the Directory API reference (members.list, members.hasMember, groups.list).
"""

import http.server
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from googleapiclient.errors import HttpError

from .conftest import Cloud, Serve

pytestmark = pytest.mark.source("https://developers.google.com/workspace/drive/api/guides/push")

ALICE, BOB, CAROL = "alice@example.com", "bob@example.com", "carol@partner.example"
WEEK = 7 * 86400


class Hook:
    """A webhook that keeps what it was sent, and answers as it was told."""

    def __init__(self) -> None:
        self.got: list[dict[str, str]] = []
        self.answers: list[int] = []
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                hook.got.append({name.lower(): value for name, value in self.headers.items()})
                self.send_response(hook.answers.pop(0) if hook.answers else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}/hook"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def wait(self, count: int) -> list[dict[str, str]]:
        """The messages, once there are so many."""
        end = time.monotonic() + 30
        while len(self.got) < count and time.monotonic() < end:
            time.sleep(0.01)
        assert len(self.got) == count
        return self.got

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def hook() -> Iterator[Hook]:
    """A webhook on the loopback."""
    made = Hook()
    yield made
    made.close()


def watch(cloud: Cloud, hook: Hook, **more: Any) -> dict[str, Any]:
    """Open a channel on the change feed."""
    service = cloud.service()
    token = service.changes().getStartPageToken().execute()["startPageToken"]
    body = {"id": "channel-1", "type": "web_hook", "address": hook.address, "token": "secret"} | more
    answer: dict[str, Any] = service.changes().watch(pageToken=token, body=body).execute()
    return answer


def test_a_channel_says_sync_and_then_change(serve: Serve, hook: Hook) -> None:
    """The first message is `sync`, each change sends `change`; id, token and numbers are in the headers."""
    cloud = serve({"a.txt": "1"})
    channel = watch(cloud, hook)
    assert channel["kind"] == "api#channel"
    assert 3500 < int(channel["expiration"]) / 1000 - time.time() <= 3600
    sync = hook.wait(1)[0]
    assert sync["x-goog-resource-state"] == "sync"
    assert sync["x-goog-message-number"] == "1"
    cloud.play({"event": "rename", "doc_id": "a.txt", "name_after": "b.txt"})
    change = hook.wait(2)[1]
    assert change["x-goog-resource-state"] == "change"
    assert change["x-goog-message-number"] == "2"
    assert change["x-goog-channel-id"] == "channel-1"
    assert change["x-goog-channel-token"] == "secret"
    assert change["x-goog-resource-id"] == channel["resourceId"]
    assert change["content-length"] == "0"


@pytest.mark.source("local/drive/README.md: changes on disk")
def test_a_change_on_disk_is_announced_without_anyone_asking(serve: Serve, hook: Hook) -> None:
    """While a channel is open the served folder is watched."""
    cloud = serve({"a.txt": "1"})
    watch(cloud, hook)
    hook.wait(1)
    (cloud.folder / "new.txt").write_text("2")
    assert hook.wait(2)[1]["x-goog-resource-state"] == "change"


def test_a_webhook_in_trouble_gets_the_message_again(serve: Serve, hook: Hook) -> None:
    """503 is tried again with the same message number; 400 is not."""
    cloud = serve({"a.txt": "1"})
    hook.answers = [503, 200, 400]
    watch(cloud, hook)
    assert [one["x-goog-message-number"] for one in hook.wait(2)] == ["1", "1"]
    cloud.play({"event": "trash", "doc_id": "a.txt"})
    hook.wait(3)
    cloud.play({"event": "untrash", "doc_id": "a.txt"})
    assert [one["x-goog-message-number"] for one in hook.wait(4)] == ["1", "1", "2", "3"]


def test_a_stopped_or_expired_channel_is_silent(serve: Serve, hook: Hook) -> None:
    """After channels.stop or its expiration nothing is sent; a channel of others cannot be stopped."""
    cloud = serve({"a.txt": "1"})
    channel = watch(cloud, hook)
    short = watch(cloud, hook, id="short", expiration=str(int((time.time() + 600) * 1000)))
    hook.wait(2)
    stop = {"id": channel["id"], "resourceId": channel["resourceId"]}
    with pytest.raises(HttpError) as refused:
        cloud.service(ALICE).channels().stop(body=stop).execute()
    assert refused.value.resp.status == 404
    cloud.service().channels().stop(body=stop).execute()
    cloud.server._channels._channels[short["id"]].expires = time.time() - 1
    last = watch(cloud, hook, id="last")
    cloud.play({"event": "trash", "doc_id": "a.txt"})
    assert hook.wait(4)[3]["x-goog-channel-id"] == last["id"]


def test_one_file_can_be_watched(serve: Serve, hook: Hook) -> None:
    """files.watch announces changes of that file only, for at most a day."""
    cloud = serve({"a.txt": "1", "b.txt": "2"})
    body = {"id": "f", "type": "web_hook", "address": hook.address}
    body["expiration"] = str(int((time.time() + WEEK) * 1000))
    opened = cloud.service().files().watch(fileId=cloud.ids()["a.txt"], body=body).execute()
    assert int(opened["expiration"]) / 1000 - time.time() <= 86400
    hook.wait(1)
    cloud.play({"event": "trash", "doc_id": "b.txt"}, {"event": "trash", "doc_id": "a.txt"})
    assert hook.wait(2)[1]["x-goog-resource-state"] == "update"


@pytest.mark.parametrize(
    "more",
    [
        {"id": ""},
        {"type": "pigeon"},
        {"address": "http://example.com/hook"},
        {"expiration": "1"},
        {"expiration": "soon"},
    ],
)
def test_a_channel_that_drive_would_not_open_is_refused(
    serve: Serve, hook: Hook, more: dict[str, str]
) -> None:
    """A missing id, another type, plain http to elsewhere, and a past expiration are 400."""
    with pytest.raises(HttpError) as refused:
        watch(serve({"a.txt": "1"}), hook, **more)
    assert refused.value.resp.status == 400


@pytest.mark.source("https://developers.google.com/workspace/admin/directory/reference/rest/v1/members")
def test_members_come_direct_or_derived_and_in_pages(demo: Cloud) -> None:
    """members.list has types and ids; includeDerivedMembership adds those of nested groups."""
    members = demo.directory().members()
    direct = members.list(groupKey="leadership@example.com").execute()["members"]
    assert [(one["email"], one["type"]) for one in direct] == [
        ("board@example.com", "GROUP"),
        ("finance@example.com", "GROUP"),
    ]
    derived = members.list(groupKey="leadership@example.com", includeDerivedMembership=True).execute()
    people = {one["email"] for one in derived["members"] if one["type"] == "USER"}
    assert people == {"honora@example.com", ALICE}
    first = members.list(groupKey="all-staff@example.com", maxResults=1).execute()
    second = members.list(
        groupKey="all-staff@example.com", maxResults=1, pageToken=first["nextPageToken"]
    ).execute()
    assert [first["members"][0]["email"], second["members"][0]["email"]] == [ALICE, BOB]
    assert "nextPageToken" not in second
    assert "members" not in members.list(groupKey="all-staff@example.com", roles="OWNER").execute()


@pytest.mark.source(
    "https://developers.google.com/workspace/admin/directory/reference/rest/v1/members/hasMember"
)
def test_has_member_and_the_groups_of_a_person(demo: Cloud) -> None:
    """members.hasMember looks through nested groups in its own domain; groups.list takes a userKey."""
    directory = demo.directory()
    has = directory.members().hasMember
    assert has(groupKey="leadership@example.com", memberKey=ALICE).execute() == {"isMember": True}
    assert has(groupKey="leadership@example.com", memberKey=BOB).execute() == {"isMember": False}
    with pytest.raises(HttpError) as refused:
        has(groupKey="resellers@example.com", memberKey=CAROL).execute()
    assert refused.value.resp.status == 400
    found = directory.groups().list(userKey=BOB).execute()["groups"]
    assert [one["email"] for one in found] == [
        "all-staff@example.com",
        "engineering@example.com",
        "operations@example.com",
    ]


@pytest.mark.source("https://developers.google.com/workspace/admin/directory/reference/rest/v1/members")
def test_the_directory_is_for_the_service_account_only(demo: Cloud) -> None:
    """A person gets 403, an unknown group is 404."""
    with pytest.raises(HttpError) as refused:
        demo.directory(ALICE).members().list(groupKey="all-staff@example.com").execute()
    assert refused.value.resp.status == 403
    with pytest.raises(HttpError) as unknown:
        demo.directory().members().list(groupKey="nobody@example.com").execute()
    assert unknown.value.resp.status == 404
