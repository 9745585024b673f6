"""Who may read which file: asked of Drive, remembered for a minute, and no answer is no."""

from dataclasses import dataclass, field

import pytest

from shared.errors import Unavailable
from shared.identity.access import Access
from shared.identity.interfaces import GrantMissing
from shared.models import Person

ALICE, BOB = Person("1", "alice@example.com", "example.com"), Person("2", "bob@example.com", "example.com")


@dataclass
class FakeGrants:
    """A token for each person but those without a grant."""

    without: set[str] = field(default_factory=set)

    async def access_token(self, subject: str) -> str:
        """The person's subject, as a token."""
        if subject in self.without:
            raise GrantMissing
        return subject


@dataclass
class FakeDrive:
    """Who may read what, by token; `away` are files that it does not answer for."""

    may: set[tuple[str, str]] = field(default_factory=set)
    away: set[str] = field(default_factory=set)
    asked: list[tuple[str, str]] = field(default_factory=list)

    async def readable(self, access_token: str, file_id: str) -> bool:
        """Drive's answer."""
        self.asked.append((access_token, file_id))
        if file_id in self.away:
            raise Unavailable("Google Drive cannot be reached.")
        return (access_token, file_id) in self.may


class Desk:
    """An Access over fakes, with a clock that a test moves."""

    def __init__(self) -> None:
        self.grants, self.drive, self.now = FakeGrants(), FakeDrive({("1", "a"), ("1", "b")}), 0.0
        self.access = Access(self.grants, self.drive, 60.0, lambda: self.now)


async def test_drive_decides_for_each_person() -> None:
    """Each file is asked for with the asker's own token."""
    desk = Desk()
    assert await desk.access.readable(ALICE, ["a", "b", "c"]) == {"a", "b"}
    assert await desk.access.readable(BOB, ["a"]) == frozenset()
    assert ("2", "a") in desk.drive.asked


async def test_what_is_withdrawn_is_gone_within_a_minute() -> None:
    """An answer is remembered for 60 seconds and not longer, whether yes or no."""
    desk = Desk()
    await desk.access.readable(ALICE, ["a", "c"])
    desk.drive.may = {("1", "c")}
    desk.now = 59.9
    assert await desk.access.readable(ALICE, ["a", "c"]) == {"a"}
    assert len(desk.drive.asked) == 2
    desk.now = 60.0
    assert await desk.access.readable(ALICE, ["a", "c"]) == {"c"}


async def test_no_answer_is_no_and_is_not_remembered() -> None:
    """A check that fails drops the file; the next question asks again."""
    desk = Desk()
    desk.drive.away = {"a"}
    assert await desk.access.readable(ALICE, ["a", "b"]) == {"b"}
    desk.drive.away = set()
    assert await desk.access.readable(ALICE, ["a", "b"]) == {"a", "b"}


async def test_when_nothing_can_be_checked_that_is_said() -> None:
    """All checks failed: Unavailable, because "not in your documents" would be a lie."""
    desk = Desk()
    desk.drive.away = {"a", "b"}
    with pytest.raises(Unavailable):
        await desk.access.readable(ALICE, ["a", "b"])


async def test_without_a_grant_nothing_is_read() -> None:
    """The person is told to sign in again; Drive is not asked."""
    desk = Desk()
    desk.grants.without = {"1"}
    with pytest.raises(GrantMissing):
        await desk.access.readable(ALICE, ["a"])
    assert not desk.drive.asked


async def test_nothing_asked_is_nothing_readable() -> None:
    """An empty search costs no call."""
    desk = Desk()
    assert await desk.access.readable(ALICE, []) == frozenset()
    assert not desk.drive.asked


async def test_behind_a_shortcut_both_rights_are_needed() -> None:
    """The id names shortcut and file; Drive is asked for each."""
    desk = Desk()
    assert await desk.access.readable(ALICE, ["a~b", "a~c", "c~a"]) == {"a~b"}
    assert {name for _, name in desk.drive.asked} == {"a", "b", "c"}
