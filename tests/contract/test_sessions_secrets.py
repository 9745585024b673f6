"""The secrets adapter against the local Secret Manager."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from local.control.faults import Fault
from local.runner.operator import put_secrets
from local.secrets.server import SecretsServer
from local.standin import Options
from shared.errors import Unavailable
from shared.gcp.secrets import SecretManagerSecrets
from shared.identity.interfaces import BadSecret
from shared.settings import SecretsSettings
from tests.fakes.identity import Ticker

PROJECT = "docent-test"


class House:
    """A Secret Manager, and an adapter on it."""

    def __init__(self, server: SecretsServer) -> None:
        self.server, self.clock = server, Ticker(0.0)
        settings = SecretsSettings(host=server.exports()["SECRETS_HOST"])
        self.secrets = SecretManagerSecrets(PROJECT, settings, self.clock)

    async def put(self, value: str) -> None:
        """A new version of the secret `key`."""
        await put_secrets(self.server.exports()["SECRETS_HOST"], PROJECT, {"key": value})

    @property
    def reads(self) -> int:
        """How often Secret Manager was asked for a value."""
        return self.server.control.calls["AccessSecretVersion"]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """With the secret `key` at its first version."""
    server = SecretsServer(Options())
    await server.start()
    built = House(server)
    await built.put("one")
    server.control.calls.clear()
    yield built
    await built.secrets.close()
    await server.stop()


async def test_a_secret_is_read_once_and_again_after_five_minutes(house: House) -> None:
    """Many who ask cause one read; a rotation is noticed without a restart."""
    assert set(await asyncio.gather(*(house.secrets.text("key") for _ in range(9)))) == {"one"}
    assert house.reads == 1
    await house.put("two")
    house.server.control.calls.clear()
    house.clock.now += 299
    assert await house.secrets.text("key") == "one"
    house.clock.now += 1
    assert await house.secrets.text("key") == "two"
    assert house.reads == 1


async def test_a_younger_value_can_be_asked_for(house: House) -> None:
    """Who has met a key it does not know does not wait five minutes."""
    await house.secrets.text("key")
    await house.put("two")
    house.clock.now += 3
    assert await house.secrets.text("key") == "one"
    assert await house.secrets.text("key", max_age=2) == "two"


async def test_a_missing_secret_is_named(house: House) -> None:
    """And so is one that is disabled or has no version."""
    with pytest.raises(BadSecret, match="session-signing-keys"):
        await house.secrets.text("session-signing-keys")


async def test_an_outage_is_lived_through_with_the_last_value(house: House) -> None:
    """A value once read goes on being used; one never read is unavailable, not missing."""
    house.server.control.faults = [Fault(status="UNAVAILABLE", times=0)]
    with pytest.raises(Unavailable):
        await house.secrets.text("key")
    house.server.control.faults = []
    assert await house.secrets.text("key") == "one"
    house.server.control.faults = [Fault(status="UNAVAILABLE", times=0)]
    house.clock.now += 301
    assert await house.secrets.text("key") == "one"
    assert await house.secrets.text("key") == "one"
    house.server.control.faults = []
    await house.put("two")
    house.clock.now += 301
    assert await house.secrets.text("key") == "two"
