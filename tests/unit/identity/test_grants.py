"""Drive grants: sealed, refreshed when needed, given up when dead."""

import asyncio
from dataclasses import replace

import pytest

from shared.errors import Unavailable
from shared.identity.grants import EARLY, DriveGrants
from shared.identity.interfaces import BadSecret, GrantMissing
from shared.identity.records import Sealed
from shared.identity.sealing import CannotOpen, Sealer
from tests.fakes.identity import FakeGrants, FakeProvider, FakeSecrets, Ticker, sealing_secret

ALICE, BOB = "1234567890", "999"


class House:
    """Drive grants over stateful fakes."""

    def __init__(self) -> None:
        self.clock, self.store = Ticker(), FakeGrants()
        self.secrets = FakeSecrets(sealing=sealing_secret("a"))
        self.provider = FakeProvider(self.clock)
        self.sealer = Sealer(self.secrets, "sealing")
        self.grants = self.another_instance()

    def another_instance(self) -> DriveGrants:
        """The same grants as another process sees them, with nothing remembered."""
        return DriveGrants(self.store, self.sealer, self.provider, self.clock)


async def test_a_grant_becomes_an_access_token_and_is_stored_sealed() -> None:
    """What is stored holds nothing of the refresh token; what comes back is Google's access token."""
    house = House()
    await house.grants.keep(ALICE, "refresh-1")
    assert await house.grants.access_token(ALICE) == "refresh-1/access-1"
    assert b"refresh-1" not in house.store.grants[ALICE].token.box


async def test_an_access_token_is_remembered_until_shortly_before_its_end() -> None:
    """One refresh an hour and person, and no token that dies under the call it was asked for."""
    house = House()
    await house.grants.keep(ALICE, "refresh-1")
    first = await house.grants.access_token(ALICE)
    house.clock.now += 3600 - EARLY - 1
    assert await house.grants.access_token(ALICE) == first
    house.clock.now += 1
    assert await house.grants.access_token(ALICE) != first
    assert house.provider.refreshes == 2


async def test_many_who_ask_at_once_cause_one_refresh() -> None:
    """Twenty checks in parallel, as a question makes them, wait for one refresh."""
    house = House()
    await house.grants.keep(ALICE, "refresh-1")
    tokens = await asyncio.gather(*(house.grants.access_token(ALICE) for _ in range(20)))
    assert set(tokens) == {"refresh-1/access-1"}
    assert (house.provider.refreshes, house.store.reads) == (1, 1)


async def test_a_new_sign_in_replaces_what_is_remembered() -> None:
    """After consenting again, the earlier grant's access token is not used any more."""
    house = House()
    await house.grants.keep(ALICE, "refresh-1")
    await house.grants.access_token(ALICE)
    await house.grants.keep(ALICE, "refresh-2")
    assert (await house.grants.access_token(ALICE)).startswith("refresh-2/")


async def test_no_grant_is_a_403_that_says_what_to_do() -> None:
    """Whoever never granted, or withdrew, is asked to sign in again."""
    with pytest.raises(GrantMissing) as missing:
        await House().grants.access_token(ALICE)
    assert (missing.value.status, missing.value.code) == (403, "drive-grant-missing")
    assert "Sign in again" in missing.value.detail


async def test_invalid_grant_marks_it_dead_and_google_is_not_asked_again() -> None:
    """A dead grant is remembered as dead, in the store, for every instance."""
    house = House()
    await house.grants.keep(ALICE, "refresh-1")
    house.provider.dead.add("refresh-1")
    for grants in (house.grants, house.another_instance()):
        with pytest.raises(GrantMissing):
            await grants.access_token(ALICE)
    assert house.store.grants[ALICE].state == "dead"
    assert house.provider.refreshes == 1


async def test_a_dead_grant_comes_to_life_with_the_next_sign_in() -> None:
    """Signing in again mends it, which is what the person was told."""
    house = House()
    await house.grants.keep(ALICE, "refresh-1")
    house.provider.dead.add("refresh-1")
    with pytest.raises(GrantMissing):
        await house.grants.access_token(ALICE)
    await house.grants.keep(ALICE, "refresh-2")
    assert await house.grants.access_token(ALICE)


async def test_a_refusal_of_the_old_token_does_not_kill_the_new_grant() -> None:
    """A sign-in that happens while the old token is being refused wins."""
    house = House()
    await house.grants.keep(ALICE, "refresh-1")
    old = house.store.grants[ALICE].token.box
    await house.grants.keep(ALICE, "refresh-2")
    await house.store.mark_dead(ALICE, old)
    assert house.store.grants[ALICE].state == "live"


async def test_google_out_of_reach_leaves_the_grant_alive() -> None:
    """Only Google's clear no kills a grant; silence is passed on as what it is."""
    house = House()
    await house.grants.keep(ALICE, "refresh-1")
    house.provider.failure = Unavailable("down")
    with pytest.raises(Unavailable):
        await house.grants.access_token(ALICE)
    house.provider.failure = None
    assert await house.grants.access_token(ALICE)


async def test_a_grant_moved_to_another_person_opens_nothing() -> None:
    """The owner is part of what is authenticated: a copied box is refused and given up."""
    house = House()
    await house.grants.keep(ALICE, "refresh-1")
    await house.store.put(replace(house.store.grants[ALICE], subject=BOB))
    with pytest.raises(GrantMissing):
        await house.grants.access_token(BOB)
    assert house.provider.refreshes == 0


async def test_withdrawing_revokes_at_google_and_forgets() -> None:
    """Signing out everywhere and erasure end the grant at Google too, and the remembered token."""
    house = House()
    await house.grants.keep(ALICE, "refresh-1")
    await house.grants.access_token(ALICE)
    assert await house.grants.withdraw(ALICE)
    assert house.provider.revoked == ["refresh-1"]
    with pytest.raises(GrantMissing):
        await house.grants.access_token(ALICE)
    assert not await house.grants.withdraw(ALICE)


async def test_sealing_keys_rotate_without_a_new_sign_in() -> None:
    """The first key seals, all open; without its key a box is closed for good."""
    house = House()
    old = await house.sealer.seal("text", "owner")
    house.secrets.values["sealing"] = sealing_secret("b", "a")
    assert (await house.sealer.ring(max_age=0)).sealing[0] == "b"
    new = await house.sealer.seal("text", "owner")
    assert (old.key_id, new.key_id) == ("a", "b")
    assert [await house.sealer.open(box, "owner") for box in (old, new)] == ["text", "text"]
    house.secrets.values["sealing"] = sealing_secret("b")
    await house.sealer.ring(max_age=0)
    with pytest.raises(CannotOpen):
        await house.sealer.open(old, "owner")


async def test_a_key_that_another_instance_seals_with_is_looked_for() -> None:
    """A box sealed right after a rotation opens on an instance that has not read the new key yet."""
    house = House()
    await house.sealer.ring()
    elsewhere = Sealer(FakeSecrets(sealing=sealing_secret("b", "a")), "sealing")
    house.secrets.values["sealing"] = sealing_secret("b", "a")
    assert await house.sealer.open(await elsewhere.seal("text", "owner"), "owner") == "text"


async def test_the_same_text_is_sealed_differently_each_time() -> None:
    """A fresh nonce for each box: equal tokens cannot be told to be equal."""
    sealer = House().sealer
    boxes = {(await sealer.seal("text", "owner")).box for _ in range(50)}
    assert len({box[:12] for box in boxes}) == len(boxes) == 50


@pytest.mark.parametrize("change", ["flip", "cut", "empty", "nonce", "key"])
async def test_a_changed_box_does_not_open(change: str) -> None:
    """One bit is enough."""
    house = House()
    sealed = await house.sealer.seal("text", "owner")
    box = sealed.box
    broken = {
        "flip": Sealed("a", box[:-1] + bytes([box[-1] ^ 1])),
        "cut": Sealed("a", box[:-1]),
        "empty": Sealed("a", b""),
        "nonce": Sealed("a", bytes([box[0] ^ 1]) + box[1:]),
        "key": Sealed("z", box),
    }[change]
    with pytest.raises(CannotOpen):
        await house.sealer.open(broken, "owner")


async def test_placeholder_sealing_keys_are_refused_by_name() -> None:
    """A key of zeros stops the function with the secret's name."""
    house = House()
    house.secrets.values["sealing"] = '{"keys":[{"kid":"a","key":"' + "A" * 43 + '="}]}'
    with pytest.raises(BadSecret, match="sealing"):
        await house.grants.check()
