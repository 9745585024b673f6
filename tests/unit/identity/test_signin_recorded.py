"""Sign-in where rights are read from what the last sync recorded."""

from dataclasses import replace

from shared.identity.grants import DRIVE_SCOPE
from tests.fakes.signin_house import House


async def test_nobody_is_asked_for_drive() -> None:
    """The scopes are those of an identity alone, and no grant is kept."""
    house = House()
    house.provider.scopes = frozenset({"openid", "email", "profile"})
    house.signin = replace(house.signin, with_drive=False)
    await house.sign_in()
    assert set(house.provider.asked[-1].scopes) == {"openid", "email", "profile"}
    assert DRIVE_SCOPE not in house.provider.asked[-1].scopes
    assert not house.kept.grants
