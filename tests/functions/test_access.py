"""Why a file can or cannot be read, over HTTP; and the right to it as recorded."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest

from functions.chat.routes import ROUTES
from functions.chat.wiring import Services
from shared.errors import NotSignedIn
from shared.identity.explanation import Explainer
from shared.identity.recorded import RecordedAccess, RecordedGrant
from shared.models import Person
from shared.web.app import make_app
from shared.web.guard import Guard
from tests.fakes.browsing import looking_around
from tests.fakes.recorded import LEAVE, FakeRecorded
from tests.fakes.search import FakeRights

PEOPLE = {
    "alice": Person("1", "alice@example.com", "example.com"),
    "bob": Person("2", "bob@example.com", "example.com"),
    "root": Person("3", "root@example.com", "example.com", admin=True),
}
NOW = datetime(2026, 1, 1, tzinfo=UTC)


class FakePeople:
    """Three people, by name."""

    async def person(self, token: str) -> Person:
        """The person of a known token."""
        if token not in PEOPLE:
            raise NotSignedIn("Your session has ended.")
        return PEOPLE[token]


@asynccontextmanager
async def client(name: str) -> AsyncIterator[httpx.AsyncClient]:
    """A signed-in client of the chat function, whose Drive lets Alice read one file."""
    recorded = FakeRecorded()
    explainer = Explainer(FakeRights({"1": {"leave"}}), recorded, recorded, "drive", lambda: NOW)
    guard = Guard(FakePeople(), frozenset(["http://127.0.0.1"]))
    services = Services(
        None, None, None, explainer, guard, conversations=None, reach=None, **looking_around()
    )  # type: ignore[arg-type]
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(make_app(ROUTES, services, guard)),
        base_url="http://127.0.0.1",
        headers={"Authorization": f"Bearer {name}"},
    ) as one:
        yield one


async def test_why_a_file_can_be_read() -> None:
    """As a path from the person over group and folder to the file."""
    async with client("alice") as alice:
        answer = (await alice.get("/files/leave/access")).json()

    assert (answer["readable"], answer["decided_by"]) == (True, "drive")
    steps = [(step["kind"], step["name"]) for step in answer["paths"][0]["steps"]]
    assert steps == [
        ("person", "alice@example.com"),
        ("group", "staff@example.com"),
        ("folder", "Human resources"),
        ("file", "Leave.txt"),
    ]
    assert (
        answer["reason"] == "Through the group staff@example.com and the folder Human resources, as reader."
    )


async def test_who_may_not_read_a_file_does_not_hear_of_it() -> None:
    """The same 404 as for no file at all; and nobody but an administrator asks for others."""
    async with client("bob") as bob:
        hidden, absent = await bob.get("/files/leave/access"), await bob.get("/files/absent/access")
        others = await bob.get("/files/leave/access?person=alice@example.com")
    assert hidden.status_code == absent.status_code == 404
    assert hidden.json()["detail"] == absent.json()["detail"]
    assert others.status_code == 403


async def test_an_administrator_hears_why_somebody_cannot_read_a_file() -> None:
    """With the reason, by the recorded permissions; an unknown file is not found."""
    async with client("root") as root:
        answer = (await root.get("/files/leave/access?person=bob@example.com")).json()
        alice = (await root.get("/files/leave/access?person=alice@example.com")).json()
        nobody = (await root.get("/files/leave/access?person=carol@partner.example")).json()
        absent = await root.get("/files/absent/access?person=bob@example.com")
    assert (answer["readable"], answer["decided_by"]) == (False, "records")
    assert answer["reason"] == "The permission that named this person has run out."
    assert [path["valid"] for path in answer["paths"]] == [False]
    assert alice["readable"]
    assert nobody["reason"].startswith("No permission of this file names")
    assert absent.status_code == 404


@pytest.mark.parametrize(
    ("grants", "via", "email", "may"),
    [
        ((RecordedGrant("user", "alice@example.com"),), None, "alice@example.com", True),
        ((RecordedGrant("user", "alice@example.com"),), None, "bob@example.com", False),
        ((RecordedGrant("group", "staff@example.com"),), None, "alice@example.com", True),
        ((RecordedGrant("group", "board@example.com"),), None, "alice@example.com", False),
        ((RecordedGrant("domain", "example.com", findable=False),), None, "bob@example.com", True),
        ((RecordedGrant("domain", "example.com"),), None, "carol@partner.example", False),
        ((RecordedGrant("anyone", findable=False),), None, "carol@partner.example", True),
        ((RecordedGrant("user", "alice@example.com", expires=NOW),), None, "alice@example.com", False),
        ((), None, "alice@example.com", False),
        (None, None, "alice@example.com", False),
        ((RecordedGrant("anyone"),), (), "alice@example.com", False),
        (
            (RecordedGrant("anyone"),),
            (RecordedGrant("user", "alice@example.com"),),
            "alice@example.com",
            True,
        ),
        (None, (RecordedGrant("anyone"),), "alice@example.com", False),
    ],
)
async def test_the_right_to_a_file_as_recorded(
    grants: tuple[RecordedGrant, ...] | None,
    via: tuple[RecordedGrant, ...] | None,
    email: str,
    *,
    may: bool,
) -> None:
    """Person, group, domain, anyone, expiry; unreadable permissions grant nothing; a shortcut needs both."""
    recorded = FakeRecorded({"leave": replace(LEAVE, grants=grants, via=via)})
    access = RecordedAccess(recorded, recorded, lambda: NOW)
    asker = Person("9", email, email.rpartition("@")[2])
    assert (await access.readable(asker, ["leave", "absent"]) == {"leave"}) is may
