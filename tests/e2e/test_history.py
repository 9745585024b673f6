"""A history of a Drive: after each round of events everybody is told just what the sidecar's rules say."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Stack
from tests.fakes.mirror import Mirror

pytestmark = pytest.mark.timeout(600)

ALICE, BOB, DAVE = "alice@example.com", "bob@example.com", "dave@example.com"
CAROL = "carol@partner.example"
PEOPLE = (ALICE, BOB, CAROL, DAVE)
STAFF, TEAM, BOARD = "staff@example.com", "team@example.com", "board@example.com"
WAIT = 150.0
"""Seconds: longer than the two minutes between two syncs, should a push be lost."""
START = datetime.now(UTC)
SOON, LATER = (f"{START + timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}" for hours in (1, 2))


def user(email: str, role: str = "reader", **more: str) -> dict[str, Any]:
    """A permission of a person."""
    return {"type": "user", "role": role, "emailAddress": email, **more}


def group(email: str) -> dict[str, Any]:
    """A permission of a group."""
    return {"type": "group", "role": "reader", "emailAddress": email}


def on(event: str, doc: str = "", **more: Any) -> dict[str, Any]:
    """An event, of a document where one is named."""
    return {"event": event, **({"doc_id": doc} if doc else {}), **more}


OWNER = user(ALICE, "owner")
DOMAIN = {"type": "domain", "role": "reader", "domain": "example.com", "allowFileDiscovery": True}
SIDECAR: dict[str, Any] = {
    "users": list(PEOPLE),
    "groups": {STAFF: [ALICE, TEAM], TEAM: [BOB, STAFF], BOARD: [DAVE], "nobody@example.com": []},
    "folders": {
        "Open": {"owner": ALICE, "permissions": [OWNER, group(STAFF)]},
        "Open/Inner": {"owner": ALICE},
        "Open/Limited": {
            "owner": ALICE,
            "permissions": [OWNER, user(CAROL)],
            "inheritedPermissionsDisabled": True,
        },
        "Team": {"owner": ALICE, "permissions": [OWNER, group(TEAM)]},
    },
    "shared_drives": {"Works": {"id": "0AWorksPVA", "members": [user(ALICE, "organizer"), user(DAVE)]}},
    "files": {
        "Open/Archive.txt": {"owner": ALICE},
        "Open/Inner/Boiler.txt": {"owner": ALICE},
        "Open/Limited/Canteen.txt": {"owner": ALICE},
        "Darkroom.txt": {"owner": ALICE, "permissions": [OWNER]},
        "Works/Engine.txt": {"driveId": "0AWorksPVA"},
        "Team/Foundry.txt": {"owner": ALICE},
        "Garden.txt": {
            "owner": ALICE,
            "permissions": [OWNER, {"type": "anyone", "role": "reader", "allowFileDiscovery": True}],
        },
        "Harbour.txt": {
            "owner": ALICE,
            "permissions": [OWNER, {"type": "anyone", "role": "reader", "allowFileDiscovery": False}],
        },
        "Icehouse.txt": {"owner": ALICE, "permissions": [OWNER, user(DAVE, expirationTime=SOON)]},
    },
    "shortcuts": [
        {"name": "To the darkroom", "folder": "Open", "owner": ALICE,
         "shortcutDetails": {"targetDocId": "Darkroom.txt", "targetMimeType": "text/plain"}}
    ],
}  # fmt: skip
CODES = {
    key: (key.rpartition("/")[2][:-4].lower(), f"{3100 + 7 * at}") for at, key in enumerate(SIDECAR["files"])
}
LATER_CODES = {
    "archive2.txt": ("archive", "8801"),
    "boiler2.txt": ("boiler", "8802"),
    "copied.txt": ("kitchen", "8803"),
    "junction.txt": ("junction", "8804"),
}
EDITED = {"Open/Archive.txt": "archive2.txt"}

ROUNDS: list[list[dict[str, Any]]] = [
    [],
    [
        on("share", "Darkroom.txt", permission=user(BOB)),
        on("edit", "Open/Archive.txt", content_file="archive2.txt"),
        on("drive_member_add", folder="Works", permission=user(BOB)),
        on("limit_folder", folder="Open/Inner"),
        on("rename", "Icehouse.txt", path_after="Cold store.txt"),
        on("copy", "copy", source="Darkroom.txt", path_after="Team/Kitchen.txt", owner=ALICE,
           content_file="copied.txt"),
        on("create", "new", path_after="Junction.txt", owner=ALICE, content_file="junction.txt"),
        on("share", "Harbour.txt", permission=group(BOARD)),
    ],
    [
        on("unshare", "Darkroom.txt", permission=user(BOB)),
        on("move", "Open/Archive.txt", path_after="Team/Archive.txt"),
        on("drive_member_remove", folder="Works", permission=user(DAVE)),
        on("unlimit_folder", folder="Open/Inner"),
        on("new_version", "Open/Inner/Boiler.txt", content_file="boiler2.txt"),
        on("trash", "Team/Foundry.txt"),
        on("share_folder", folder="Open/Limited", permission=DOMAIN),
        on("group_add", group=BOARD, member=BOB),
    ],
    [
        on("group_remove", group=TEAM, member=BOB),
        on("transfer_owner", "Darkroom.txt", new_owner=DAVE),
        on("rename_folder", folder="Open", folder_after="Public"),
        on("untrash", "Team/Foundry.txt"),
        on("trash_folder", folder="Team"),
        on("unshare_folder", folder="Public/Limited", permission=user(CAROL)),
    ],
    [
        on("group_add", group=TEAM, member=CAROL),
        on("untrash_folder", folder="Team"),
        on("share", "new", permission=user(CAROL)),
        on("unshare", "new", permission=user(CAROL)),
        on("trash", "new"),
        on("untrash", "new"),
        on("share", "new", permission=user(BOB)),
        on("delete", "Garden.txt"),
    ],
    [
        on("unshare_folder", folder="Public", permission=group(STAFF)),
        on("drive_member_add", folder="Works", permission=group(BOARD)),
        on("clock", time=LATER),
    ],
]  # fmt: skip
"""What happens between two looks; the events of a round come in quick succession."""


def sentence(word: str, code: str) -> str:
    """What a document says."""
    return f"The door code of the {word} is {code}.\n"


@pytest.fixture
def running(
    make_stack: Callable[..., Stack], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Stack]:
    """A Docent over that Drive, which remembers Drive's word on rights for two seconds instead of 60."""
    monkeypatch.setenv("SEARCH_ACCESS_MEMORY", "2")
    files = tmp_path / "drive" / "files"
    for key, (word, code) in CODES.items():
        (files / key).parent.mkdir(parents=True, exist_ok=True)
        (files / key).write_text(sentence(word, code))
    for name, (word, code) in LATER_CODES.items():
        (tmp_path / name).write_text(sentence(word, code))
    (tmp_path / "drive" / "permissions.json").write_text(json.dumps(SIDECAR))
    stack = make_stack(tmp_path / "drive")
    stack.start()
    return stack


def test_every_event_changes_what_people_are_told(running: Stack, tmp_path: Path) -> None:
    """Every kind of event, cyclic groups, limits, shared drives, expiry: told or refused rightly."""
    mirror, seen = Mirror(SIDECAR, CODES), dict(CODES.values())
    with ExitStack() as open_:
        clients = {one: open_.enter_context(running.client(one)) for one in PEOPLE}
        before: dict[str, dict[str, str]] = {one: {} for one in PEOPLE}
        for number, events in enumerate(ROUNDS):
            happen(running, tmp_path, number, events)
            for event in events:
                mirror.apply(event, LATER_CODES)
            if any(event["event"].startswith("group_") for event in events):
                # of which no feed tells; of all else the push does
                clients[ALICE].post("/ingest/sync", json={}).raise_for_status()
            expected = {one: mirror.told(one) for one in PEOPLE}
            seen |= {word: code for told in expected.values() for word, code in told.items()}
            last = number in (0, len(ROUNDS) - 1)
            pairs = [
                (one, word)
                for one in PEOPLE
                for word in sorted(seen)
                if last or expected[one].get(word) != before[one].get(word)
            ]
            settle(clients, pairs, expected, number)
            before = expected


def happen(stack: Stack, root: Path, number: int, events: list[dict[str, Any]]) -> None:
    """Have people do it."""
    script = root / f"round{number}.jsonl"
    script.write_text("\n".join(json.dumps({"seq": seq, **one}) for seq, one in enumerate(events)))
    port = str(stack.about()["ports"]["drive"])
    if events:
        ended = stack.run("drive", "apply", str(script), "--root", str(root), "--drive-port", port)
        assert ended.returncode == 0, ended.stderr


def settle(
    clients: dict[str, Any], pairs: list[tuple[str, str]], expected: dict[str, dict[str, str]], number: int
) -> None:
    """Ask until each of the pairs is told what is expected; what was right once is asked again at the end."""
    end, left = time.monotonic() + WAIT, list(pairs)
    while left:
        wrong = [one for one in left if told(clients[one[0]], one[1]) != expected[one[0]].get(one[1], "")]
        assert not wrong or time.monotonic() < end, (
            number,
            wrong,
            {one: expected[one[0]].get(one[1]) for one in wrong},
        )
        left = wrong
        if wrong:
            time.sleep(0.5)


def told(client: Any, word: str) -> str:
    """The code of this document that the person is told, or nothing; two at once are both."""
    answer = client.post("/chat", json={"message": f"What is the door code of the {word}?"}).json()
    text = json.dumps([answer.get("answer"), answer.get("sources")])
    known = {code for name, code in (*CODES.values(), *LATER_CODES.values()) if name == word}
    return " ".join(sorted(code for code in known if code in text))
