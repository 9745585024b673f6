"""Refresh tokens: replaced at each use, kind to tabs, deadly to thieves."""

import asyncio
from dataclasses import replace

import pytest

from shared.errors import Conflict, NotSignedIn, Unavailable
from shared.identity.interfaces import BadToken
from shared.identity.records import Device, Refresh, SessionTokens
from shared.identity.refresh_tokens import GRACE
from tests.fakes.identity import FakeSessions
from tests.unit.identity.test_sessions import ALICE, House

DAY = 86400.0


async def begun() -> tuple[House, SessionTokens]:
    """A session of Alice's, just begun."""
    house = House()
    return house, await house.sessions.begin(ALICE, Device())


def only(house: House) -> str:
    """The id of the one session."""
    return next(iter(house.store.sessions))


async def test_a_refresh_token_gives_the_next_two() -> None:
    """New access and refresh token of the same session, which lives thirty days from now."""
    house, first = await begun()
    house.clock.now += 29 * DAY
    second = await house.sessions.renew(first.refresh)
    assert second.refresh != first.refresh
    person = await house.verifier.person(second.access)
    assert person.session_id == only(house)
    assert house.store.sessions[only(house)].expire_at == house.clock.now + 30 * DAY
    assert house.store.sessions[only(house)].last_seen == house.clock.now
    assert (await house.sessions.renew(second.refresh)).refresh != second.refresh


async def test_nothing_stored_can_be_used() -> None:
    """Hashes and a box that only the replaced token opens: a copied database signs nobody in."""
    house, first = await begun()
    second = await house.sessions.renew(first.refresh)
    stored = str(house.store.sessions)
    for token in (first.refresh, second.refresh):
        assert token.partition(".")[2] not in stored


async def test_twenty_tabs_that_refresh_at_once_all_stay_signed_in() -> None:
    """One replaces the token, all get the same successor, and it works afterwards."""
    house, first = await begun()
    house.store.renewals_collide = True
    answers = await asyncio.gather(*(house.sessions.renew(first.refresh) for _ in range(20)))
    assert len({tokens.refresh for tokens in answers}) == 1
    for tokens in answers:
        await house.verifier.person(tokens.access)
    await house.sessions.renew(answers[0].refresh)


async def test_within_the_grace_an_old_token_leads_to_its_successor() -> None:
    """A slow tab is not a thief."""
    house, first = await begun()
    second = await house.sessions.renew(first.refresh)
    house.clock.now += GRACE - 1
    assert (await house.sessions.renew(first.refresh)).refresh == second.refresh


async def test_a_token_used_after_the_grace_ends_the_whole_family() -> None:
    """Two hold it, so one stole it: neither goes on, and the person signs in again."""
    house, first = await begun()
    second = await house.sessions.renew(first.refresh)
    house.clock.now += GRACE
    with pytest.raises(NotSignedIn):
        await house.sessions.renew(first.refresh)
    assert house.store.sessions[only(house)].ended
    with pytest.raises(NotSignedIn):
        await house.sessions.renew(second.refresh)
    with pytest.raises(NotSignedIn):
        await house.verifier.person(second.access)


async def test_a_token_two_generations_old_ends_the_family_even_within_the_grace() -> None:
    """The grace is for one generation."""
    house, first = await begun()
    second = await house.sessions.renew(first.refresh)
    await house.sessions.renew(second.refresh)
    with pytest.raises(NotSignedIn):
        await house.sessions.renew(first.refresh)
    assert house.store.sessions[only(house)].ended


async def test_other_sessions_of_the_person_live_on() -> None:
    """A family is one device's session."""
    house, first = await begun()
    other = await house.sessions.begin(ALICE, Device())
    await house.sessions.renew(first.refresh)
    house.clock.now += GRACE
    with pytest.raises(NotSignedIn):
        await house.sessions.renew(first.refresh)
    await house.verifier.person(other.access)


@pytest.mark.parametrize("end", ["signed out", "expired", "erased"])
async def test_a_session_that_is_over_is_not_renewed(end: str) -> None:
    """Neither by a current token nor within the grace."""
    house, first = await begun()
    second = await house.sessions.renew(first.refresh)
    if end == "signed out":
        await house.store.end(only(house))
    elif end == "expired":
        house.clock.now += 30 * DAY
    else:
        house.store.sessions.clear()
    for token in (first.refresh, second.refresh):
        with pytest.raises(NotSignedIn):
            await house.sessions.renew(token)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        ".",
        "~",
        "a.b",
        "../s1." + "A" * 43,
        "s1/x." + "A" * 43,
        "A" * 32 + "." + "é" * 43,
        "A" * 9999,
    ],
)
async def test_what_cannot_be_a_refresh_token_is_not_even_looked_up(token: str) -> None:
    """No document is read for rubbish, and no path is made of it."""
    house, _ = await begun()
    with pytest.raises(BadToken):
        await house.sessions.renew(token)
    assert house.store.reads == 0


async def test_kinds_of_tokens_do_not_stand_in_for_each_other() -> None:
    """A refresh token admits nobody, an access token renews nothing; a cookie's value admits as it is."""
    house, tokens = await begun()
    with pytest.raises(BadToken):
        await house.verifier.person(tokens.refresh)
    with pytest.raises(BadToken):
        await house.verifier.person(f"~{tokens.access}")
    with pytest.raises(BadToken):
        await house.sessions.renew(tokens.access)
    await house.verifier.person(f"{tokens.access}~{tokens.refresh}")


async def test_a_successor_that_was_tampered_with_is_not_given_out() -> None:
    """Whoever can write to the database cannot plant a token of their own making."""
    house, first = await begun()
    await house.sessions.renew(first.refresh)
    stored = house.store.sessions[only(house)]
    broken = replace(stored.refresh, successor=stored.refresh.successor[:-1] + b"x")
    house.store.sessions[only(house)] = replace(stored, refresh=broken)
    with pytest.raises(NotSignedIn):
        await house.sessions.renew(first.refresh)


async def test_a_store_that_is_down_ends_nothing() -> None:
    """Unavailable is not reuse: the same token works when the store is back."""
    house, first = await begun()
    house.store.failure = Unavailable("down")
    with pytest.raises(Unavailable):
        await house.sessions.renew(first.refresh)
    house.store.failure = None
    await house.sessions.renew(first.refresh)


async def test_a_renewal_that_never_gets_through_says_so() -> None:
    """Bounded attempts, then 409 and a time to come back."""

    class Stubborn(FakeSessions):
        async def renew(self, session_id: str, expected: str, refresh: Refresh, expire_at: float) -> bool:
            del session_id, expected, refresh, expire_at
            return False

    house, first = await begun()
    stubborn = Stubborn()
    stubborn.sessions = house.store.sessions
    house.sessions._store = stubborn
    with pytest.raises(Conflict):
        await house.sessions.renew(first.refresh)
