"""The audit trail: what is written, under which names, and what happens when it cannot be."""

import asyncio
import json

import pytest

from shared import log
from shared.errors import Timeout, Unavailable
from shared.identity.audit import PATIENCE, Trail
from shared.identity.interfaces import BadSecret
from tests.fakes.audit import FakeAudit, trail_of
from tests.fakes.identity import NOW, FakeSecrets, Ticker, sealing_secret

ALICE, BOB = "1234567890", "42"


class SlowAudit(FakeAudit):
    """A store that takes its time until it is told not to."""

    def __init__(self) -> None:
        super().__init__()
        self.quick = asyncio.Event()

    async def append(self, entry: object) -> None:
        """Wait, then store."""
        await self.quick.wait()
        await super().append(entry)  # type: ignore[arg-type]


async def test_an_entry_says_what_when_who_and_to_whom() -> None:
    """With the request's id, so that page, log and trail lead to each other."""
    store = FakeAudit()
    log.unbind_all()
    log.bind(request_id="r1")
    await trail_of(store).require("role.changed", ALICE, BOB, before="user", after="admin")
    log.unbind_all()
    entry = store.last()
    assert (entry.event, entry.at, entry.request_id) == ("role.changed", NOW, "r1")
    assert entry.details == {"before": "user", "after": "admin"}
    assert entry.subject != entry.actor


async def test_people_appear_under_pseudonyms_that_need_the_key() -> None:
    """The same for the same person, another under another key, found again after the keys rotated."""
    store, secrets = FakeAudit(), FakeSecrets(audit=sealing_secret("p"))
    trail = Trail(store, secrets, "audit", Ticker())
    await trail.note("session.ended", ALICE, "")
    first = store.last()
    assert ALICE not in repr(first)
    assert first.subject == await trail.pseudonym(ALICE)
    assert first.actor == ""
    rotated = Trail(store, FakeSecrets(audit=sealing_secret("q", "p")), "audit", Ticker())
    assert await rotated.pseudonym(ALICE) != first.subject
    assert first.subject in await rotated.pseudonyms(ALICE)


async def test_what_gives_power_does_not_happen_unrecorded() -> None:
    """503 with a sentence; nothing of it is kept for later, since it did not happen."""
    store = FakeAudit()
    trail = trail_of(store)
    store.failure = Timeout("slow")
    with pytest.raises(Unavailable, match="record") as caught:
        await trail.require("signin.succeeded", ALICE, ALICE)
    assert caught.value.retry_after
    assert trail.owed == 0


async def test_a_refusal_stands_while_the_trail_is_down_and_is_not_lost(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """No error; the log has the entry at once, and the trail as soon as it can be written."""
    store = FakeAudit()
    trail = trail_of(store)
    store.failure = Unavailable("down")
    await trail.note("signin.refused", ALICE, "", reason="wrong nonce")
    (late,) = [line for line in map(json.loads, capsys.readouterr().out.splitlines()) if "audit_id" in line]
    assert (late["message"], late["severity"]) == ("audit.late", "ERROR")
    assert (late["audit_event"], late["details"]) == ("signin.refused", {"reason": "wrong nonce"})
    assert ALICE not in str(late)
    assert (trail.owed, store.events()) == (1, [])
    store.failure = None
    await trail.settle()
    assert (trail.owed, store.events()) == (0, ["signin.refused"])
    assert store.last().id == late["audit_id"]


async def test_what_is_owed_is_paid_without_being_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The trail tries again by itself until the entry is stored and linked."""
    monkeypatch.setattr("shared.identity.audit.LINK_AFTER", 0.01)
    store = FakeAudit()
    trail = trail_of(store)
    store.failure = Unavailable("down")
    await trail.note("session.ended", ALICE, ALICE)
    await asyncio.sleep(0.02)
    store.failure = None
    async with asyncio.timeout(5):
        while not store.links:
            await asyncio.sleep(0.01)
    assert (trail.owed, [link.entry.event for link in store.links]) == (0, ["session.ended"])


async def test_a_slow_trail_does_not_hold_a_refusal_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """After PATIENCE the refusal is given; the entry follows when the store has caught up."""
    assert PATIENCE <= 1
    monkeypatch.setattr("shared.identity.audit.PATIENCE", 0.02)
    store = SlowAudit()
    trail = trail_of(store)
    async with asyncio.timeout(5):
        await trail.note("permission.denied", ALICE, ALICE)
    assert trail.owed == 1
    store.quick.set()
    await trail.settle()
    assert store.events() == ["permission.denied"]


async def test_a_placeholder_key_is_named() -> None:
    """The operator hears which secret it is, and nobody is let in meanwhile."""
    trail = Trail(FakeAudit(), FakeSecrets(audit="changeme"), "audit", Ticker())
    with pytest.raises(BadSecret, match="audit"):
        await trail.require("signin.succeeded", ALICE, ALICE)
    with pytest.raises(BadSecret, match="audit"):
        await trail.check()
