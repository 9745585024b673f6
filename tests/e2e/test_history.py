"""A scripted history of a Drive: after each event, the question to check is answered or refused rightly."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.timeout(600)

ALICE, BOB = "alice@example.com", "bob@example.com"
QUESTION = "What is the door code of the archive room?"
READER = {"type": "user", "role": "reader", "emailAddress": BOB}
STAFF = "staff@example.com"
WAIT = 150.0
"""Seconds: longer than the two minutes between two syncs, should a push be lost."""

HISTORY: list[tuple[dict[str, Any], str, str]] = [
    ({}, "4711", ""),
    ({"event": "share", "doc_id": "Codes.txt", "permission": READER}, "4711", "4711"),
    ({"event": "edit", "doc_id": "Codes.txt", "content_file": "second.txt"}, "8832", "8832"),
    ({"event": "rename", "doc_id": "Codes.txt", "path_after": "Doors.txt"}, "8832", "8832"),
    ({"event": "unshare", "doc_id": "Codes.txt", "permission": READER}, "8832", ""),
    ({"event": "group_add", "group": STAFF, "member": BOB}, "8832", ""),
    (
        {
            "event": "share",
            "doc_id": "Codes.txt",
            "permission": {"type": "group", "role": "reader", "emailAddress": STAFF},
        },
        "8832",
        "8832",
    ),
    ({"event": "group_remove", "group": STAFF, "member": BOB}, "8832", ""),
    ({"event": "group_add", "group": STAFF, "member": BOB}, "8832", "8832"),
    ({"event": "trash", "doc_id": "Codes.txt"}, "", ""),
    ({"event": "untrash", "doc_id": "Codes.txt"}, "8832", "8832"),
    ({"event": "move", "doc_id": "Codes.txt", "path_after": "Deep/Doors.txt"}, "8832", "8832"),
    ({"event": "trash_folder", "folder": "Deep"}, "", ""),
    ({"event": "untrash_folder", "folder": "Deep"}, "8832", "8832"),
    ({"event": "delete", "doc_id": "Codes.txt"}, "", ""),
]
"""What happens, and what Alice and Bob are told then; nothing where they are told that it is not there."""


@pytest.fixture
def running(make_stack: Callable[..., Any], tmp_path: Path) -> Any:
    """A Docent over a Drive of a few files."""
    files = tmp_path / "drive" / "files"
    files.mkdir(parents=True)
    (files / "Codes.txt").write_text("The door code of the archive room is 4711.\n")
    (files / "Menu.txt").write_text("On Friday the canteen serves fish with potatoes and dill sauce.\n")
    (tmp_path / "second.txt").write_text("The door code of the archive room is 8832.\n")
    owner = [{"type": "user", "role": "owner", "emailAddress": ALICE}]
    sidecar = {
        "users": [ALICE, BOB],
        "groups": {STAFF: [ALICE]},
        "files": {
            "Codes.txt": {"owner": ALICE, "permissions": owner},
            "Menu.txt": {"owner": ALICE, "permissions": [*owner, READER]},
        },
    }
    (tmp_path / "drive" / "permissions.json").write_text(json.dumps(sidecar))
    stack = make_stack(tmp_path / "drive")
    stack.start()
    return stack


def test_every_event_changes_what_people_are_told(running: Any, tmp_path: Path) -> None:
    """Created, shared, edited, renamed, moved, trashed, taken back, by groups and folders, deleted."""
    events = tmp_path / "events.jsonl"
    port = str(running.about()["ports"]["drive"])
    with running.client(ALICE) as alice, running.client(BOB) as bob:
        for number, (event, for_alice, for_bob) in enumerate(HISTORY):
            if event:
                events.write_text(json.dumps({"seq": number, **event}))
                ended = running.run(
                    "drive", "apply", str(events), "--root", str(tmp_path), "--drive-port", port
                )
                assert ended.returncode == 0, ended.stderr
            if event.get("group"):  # of which no feed tells: the next sync looks
                alice.post("/ingest/sync", json={}).raise_for_status()
            for client, expected in ((alice, for_alice), (bob, for_bob)):
                assert told(client, expected) == expected, (number, event)


def told(client: Any, expected: str) -> str:
    """Which of the codes the person is told, once that is the one expected, or after a while."""
    end = time.monotonic() + WAIT
    while True:
        answer = client.post("/chat", json={"message": QUESTION}).json()
        text = json.dumps([answer.get("answer"), answer.get("sources")])
        found = next((code for code in ("4711", "8832") if code in text), "")
        if found == expected or time.monotonic() > end:
            return found
        time.sleep(1)
