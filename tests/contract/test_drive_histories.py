"""Random histories of the served Drive: after each event each person finds what the sidecar's rules say.

The local Drive, the product's connector and ingestion; the expectation comes from a mirror that shares no
code with any of them.
"""

import base64
import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.ingestion import steps
from shared.ingestion.drive import EVERYTHING
from shared.ingestion.interfaces import Collection
from shared.models import Person
from shared.search.service import principals_of
from tests.fakes.drive_cloud import DriveCloud, drive_cloud
from tests.fakes.ingestion import World
from tests.fakes.mirror import Mirror

PEOPLE = ("alice@example.com", "bob@example.com", "carol@partner.example", "dave@example.com")
GROUPS = ("staff@example.com", "team@example.com", "board@example.com")
FOLDERS = ("Open", "Open/Inner", "Open/Inner/Deep", "Team")
EVENTS = 45
OWNER = {"type": "user", "role": "owner", "emailAddress": PEOPLE[0]}
SIDECAR: dict[str, Any] = {
    "users": list(PEOPLE),
    "groups": {GROUPS[0]: [PEOPLE[0], GROUPS[1]], GROUPS[1]: [PEOPLE[1], GROUPS[0]], GROUPS[2]: [PEOPLE[3]]},
    "folders": {path: {"owner": PEOPLE[0], "permissions": [OWNER]} for path in FOLDERS},
    "shared_drives": {"Works": {"id": "0AWorksPVA", "members": [{**OWNER, "role": "organizer"}]}},
    "files": {
        **{f"{path}/{path[-1]}.txt": {"owner": PEOPLE[0]} for path in FOLDERS},
        "Loose.txt": {"owner": PEOPLE[0], "permissions": [OWNER]},
        "Works/Engine.txt": {"driveId": "0AWorksPVA"},
    },
}


def sentence(code: str) -> str:
    """What a document says."""
    return f"The code is {code}."


class History:
    """A served Drive, what Docent knows of it, and the mirror; the dice decide what happens."""

    def __init__(self, seed: int, root: Path) -> None:
        self.dice = random.Random(seed)  # noqa: S311 - a test's dice
        self.root, self.made, self.trail = root, 0, list[dict[str, Any]]()
        self.codes = {key: (key, self._code()) for key in SIDECAR["files"]}
        for key, (_, code) in self.codes.items():
            (root / "files" / key).parent.mkdir(parents=True, exist_ok=True)
            (root / "files" / key).write_text(sentence(code))
        (root / "permissions.json").write_text(json.dumps(SIDECAR))
        self.mirror = Mirror(SIDECAR, self.codes)

    def _code(self) -> str:
        self.made += 1
        return f"C{self.made:03}X"

    def event(self, now: datetime) -> dict[str, Any]:
        """One more thing that somebody does."""
        docs = sorted(name for name, one in self.mirror.things.items() if one.word)
        doc, folder = self.dice.choice(docs), self.dice.choice(FOLDERS)
        path = self.mirror.path(folder)
        self.made += 1
        new = f"n{self.made}"
        made = {"path_after": f"{path}/{new}.txt", "owner": self.dice.choice(PEOPLE)}
        rights = {"permission": self._permission(now)}
        text = {"content": "", "content_file": new}
        return self.dice.choice(
            [
                {"event": "edit", "doc_id": doc, **text},
                {"event": "new_version", "doc_id": doc, **text},
                {"event": "create", "doc_id": new, **made, **text},
                {"event": "copy", "doc_id": new, "source": doc, **made, **text},
                {"event": "rename", "doc_id": doc, "path_after": f"{new}.txt"},
                {"event": "move", "doc_id": doc, "path_after": f"{path}/{new}.txt"},
                {"event": self.dice.choice(["trash", "untrash", "untrash"]), "doc_id": doc},
                {"event": self.dice.choice(["trash_folder", "untrash_folder"]), "folder": path},
                {"event": "rename_folder", "folder": self.mirror.path("Team"), "folder_after": new},
                {"event": "share", "doc_id": doc, **rights},
                {"event": "share", "doc_id": doc, **rights},
                {"event": "unshare", "doc_id": doc, **self._given(doc)},
                {"event": "share_folder", "folder": path, **rights},
                {"event": "unshare_folder", "folder": path, **self._given(folder)},
                {"event": self.dice.choice(["limit_folder", "unlimit_folder"]), "folder": path},
                {"event": "drive_member_add", "folder": "Works", **rights},
                {"event": "drive_member_remove", "folder": "Works", **self._given("Works")},
                {"event": "group_add", "group": self.dice.choice(GROUPS), "member": self._member()},
                {"event": "group_remove", "group": self.dice.choice(GROUPS), "member": self._member()},
                {"event": "transfer_owner", "doc_id": "Loose.txt", "new_owner": self.dice.choice(PEOPLE)},
                {"event": "clock", "time": f"{now + timedelta(minutes=40):%Y-%m-%dT%H:%M:%SZ}"},
            ]
        )

    def _member(self) -> str:
        return self.dice.choice((*PEOPLE[1:], *GROUPS))

    def _permission(self, now: datetime) -> dict[str, Any]:
        found = self.dice.random() < 0.5
        until = f"{now + timedelta(minutes=60):%Y-%m-%dT%H:%M:%SZ}"
        person = {"type": "user", "role": "reader", "emailAddress": self.dice.choice(PEOPLE[1:])}
        shared = {"type": "group", "role": "reader", "emailAddress": self.dice.choice(GROUPS)}
        domain = {"type": "domain", "role": "reader", "domain": "example.com", "allowFileDiscovery": found}
        anyone = {"type": "anyone", "role": "reader", "allowFileDiscovery": found}
        return self.dice.choice([person, {**person, "expirationTime": until}, shared, shared, domain, anyone])

    def _given(self, name: str) -> dict[str, Any]:
        """A permission that was given there, to be taken away; else one that was not."""
        given = sorted(one for one in self.mirror.things[name].grants if one[0] in ("user", "group"))
        given = [one for one in given if one[1] != PEOPLE[0]]
        kind, address, _ = self.dice.choice(given) if given else ("user", PEOPLE[1], "")
        return {"permission": {"type": kind, "role": "reader", "emailAddress": address}}


def found(world: World, person: str) -> dict[str, set[str]]:
    """The texts that the index gives a person, by their file."""
    groups = [name for name, members in world.memberships.saved.items() if person in (members or ())]
    own = set(principals_of(Person(person, person, person.rpartition("@")[2]), groups))
    return {
        record.id: {world.chunks.stored[name].chunk.text for name in record.chunks}
        for record in world.records.stored.values()
        if record.chunks and own & set(record.principals)
    }


async def play(history: History, cloud: DriveCloud) -> None:
    """All events, a sync and a look after each."""
    world = World(seen=lambda one: cloud.connector() if type(one).__name__ == "FakeDrive" else one)
    world.collections.known["main"] = Collection("main", "Main", EVERYTHING)
    mirror, drive = history.mirror, cloud.server.drive
    for number in range(EVENTS):
        now = datetime.fromtimestamp(drive.now(), UTC)
        if number:
            event = history.event(now)
            if "content_file" in event:
                key = event["doc_id"]
                code = f"D{number:03}X"
                history.codes[event["content_file"]] = (key, code)
                (history.root / event["content_file"]).write_text(sentence(code))
                event["content"] = _encoded(sentence(code))
            history.trail.append(event)
            await cloud.people({name: value for name, value in event.items() if name != "content_file"})
            mirror.apply(event, history.codes)
        world.clock.time = datetime.fromtimestamp(drive.now(), UTC) + timedelta(seconds=10 * number)
        world.directory.groups = {
            name: [person for person in PEOPLE if name in mirror.groups_of(person)] for name in GROUPS
        }
        await world.settle(by_person=True)
        for person in PEOPLE:
            texts = sorted(text for each in found(world, person).values() for text in each)
            assert texts == sorted(map(sentence, mirror.told(person).values())), (person, history.trail[-6:])


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


async def _unnoticed(*_: object) -> tuple[str, ...]:
    return ()


@pytest.mark.parametrize("seed", [1, 2])
async def test_each_event_is_followed(seed: int, tmp_path: Path) -> None:
    """Whatever happens, after the next sync each person finds the documents that they may, as they are."""
    history = History(seed, tmp_path)
    async with drive_cloud(tmp_path) as cloud:
        await play(history, cloud)


async def test_a_folder_that_is_passed_over_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sync that does not follow changed folders tells somebody too much or too little."""
    monkeypatch.setattr(steps, "changed_folders", _unnoticed)
    history = History(1, tmp_path)
    async with drive_cloud(tmp_path) as cloud:
        with pytest.raises(AssertionError, match="event"):
            await play(history, cloud)
