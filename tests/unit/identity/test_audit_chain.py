"""The chain: every kind of tampering is found, and the first broken entry is named."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from shared.identity.audit import Trail
from shared.identity.audit_chain import GENESIS, authenticated, linked
from shared.identity.audit_reading import AuditReader, Verdict
from tests.fakes.audit import FakeAudit, trail_of
from tests.fakes.identity import FakeSecrets, Ticker, sealing_secret

PEOPLE = ("alice", "bob")


async def chained(count: int = 7) -> tuple[FakeAudit, AuditReader]:
    """So many entries, linked."""
    store, clock = FakeAudit(), Ticker()
    trail = trail_of(store, clock)
    for number in range(count):
        clock.now += 1
        await trail.note("session.ended", PEOPLE[number % 2], "", count=number)
        await trail.link()
    return store, AuditReader(store, trail)


async def test_an_untouched_chain_holds() -> None:
    """All entries are checked; an empty trail holds as well."""
    store, reader = await chained()
    assert await reader.verify() == Verdict(7, store.links[-1].hash, 0, None)
    assert (await (await chained(0))[1].verify()).ok


def changed(store: FakeAudit) -> None:
    """An entry tells another story."""
    store.links[3] = replace(store.links[3], entry=replace(store.links[3].entry, event="signin.succeeded"))


def changed_detail(store: FakeAudit) -> None:
    """A detail of an entry differs."""
    store.links[3] = replace(store.links[3], entry=replace(store.links[3].entry, details={"count": 99}))


def redated(store: FakeAudit) -> None:
    """A microsecond later."""
    entry = store.links[3].entry
    store.links[3] = replace(store.links[3], entry=replace(entry, at=entry.at + 0.000_001))


def removed(store: FakeAudit) -> None:
    """An entry is gone."""
    del store.links[3]


def swapped(store: FakeAudit) -> None:
    """Two entries changed places, numbers and all."""
    store.links[3], store.links[4] = replace(store.links[4], seq=4), replace(store.links[3], seq=5)


def inserted(store: FakeAudit) -> None:
    """One more, hashed correctly, and the rest renumbered."""
    forged = linked([store.links[0].entry], 3, store.links[2].hash)
    store.links[3:] = forged + [replace(link, seq=link.seq + 1) for link in store.links[3:]]


def rehashed(store: FakeAudit) -> None:
    """A changed entry with its own hash made anew, and nothing else."""
    link = store.links[3]
    entry = replace(link.entry, details={})
    store.links[3] = linked([entry], 3, link.previous)[0]


TAMPERING = [
    (changed, 4),
    (changed_detail, 4),
    (redated, 4),
    (removed, 4),
    (swapped, 4),
    (inserted, 5),
    (rehashed, 5),
]


@pytest.mark.parametrize(("tamper", "seq"), TAMPERING, ids=[one.__name__ for one, _ in TAMPERING])
async def test_tampering_is_found_at_its_place(tamper: Callable[[FakeAudit], None], seq: int) -> None:
    """The first entry that does not hold is named, with the reason."""
    store, reader = await chained()
    tamper(store)
    verdict = await reader.verify()
    assert not verdict.ok
    assert verdict.broken is not None
    assert verdict.broken.seq == seq
    assert verdict.broken.why


async def test_a_chain_made_anew_without_the_key_is_found() -> None:
    """Whoever may write to the database, but not read the key, cannot rewrite history and pass."""
    store, reader = await chained()
    entries = [replace(link.entry, details={}) for link in store.links]
    store.links = linked(entries, 0, GENESIS)
    head = store.at_end
    assert head is not None
    store.at_end = replace(head, hash=store.links[-1].hash)
    verdict = await reader.verify()
    assert verdict.broken
    assert "rewritten" in verdict.broken.why
    store.at_end = authenticated(head.key_id, b"another key", 7, store.links[-1].hash)
    assert not (await reader.verify()).ok


async def test_a_lost_end_is_found() -> None:
    """Entries removed from the end leave the head behind, and a removed head leaves entries."""
    store, reader = await chained()
    del store.links[5:]
    verdict = await reader.verify()
    assert verdict.broken
    assert verdict.broken.seq == 6
    store.at_end = None
    assert not (await reader.verify()).ok


async def test_an_old_state_put_back_is_found_by_what_the_log_saw() -> None:
    """A genuine head of yesterday with yesterday's entries holds by itself; the log knows better."""
    store, reader = await chained()
    head = store.links[6]
    _, second = await chained(4)
    assert (await reader.verify((7, head.hash))).ok
    assert not (await reader.verify((7, "0" * 64))).ok
    lost = await second.verify((7, head.hash))
    assert lost.broken
    assert lost.broken.seq == 5


async def test_a_head_whose_key_is_gone_cannot_be_trusted() -> None:
    """As long as the key is in the secret, an older one too, it can."""
    store, _ = await chained()
    kept = Trail(store, FakeSecrets(audit=sealing_secret("new", "p")), "audit", Ticker())
    assert (await AuditReader(store, kept).verify()).ok
    gone = Trail(store, FakeSecrets(audit=sealing_secret("new")), "audit", Ticker())
    assert not (await AuditReader(store, gone).verify()).ok


async def test_pages_go_from_the_newest_and_can_be_narrowed() -> None:
    """By the number before, by event, by person: as a subject or as a pseudonym."""
    store, reader = await chained()
    assert [link.seq for link in await reader.page(None, 3)] == [7, 6, 5]
    assert [link.seq for link in await reader.page(5, 3)] == [4, 3, 2]
    assert [link.seq for link in await reader.page(None, 9, person="alice")] == [7, 5, 3, 1]
    pseudonym = store.links[1].entry.subject
    assert [link.seq for link in await reader.page(None, 9, person=pseudonym)] == [6, 4, 2]
    assert not await reader.page(None, 9, event="role.changed")


async def test_what_waits_is_linked_before_it_is_read() -> None:
    """A reader does not miss what happened a moment ago."""
    store, reader = await chained(1)
    await trail_of(store).note("signin.refused", "", "")
    assert [link.entry.event for link in await reader.page(None, 1)] == ["signin.refused"]
