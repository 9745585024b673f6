"""Secret Manager through its real client: secrets, versions, states, etags, checksums."""

import asyncio
import contextlib
import socket
import stat
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import google_crc32c
import grpc.aio
import pytest
from google.api_core import exceptions
from google.cloud import secretmanager_v1
from google.cloud.secretmanager_v1.services.secret_manager_service.transports import (
    SecretManagerServiceGrpcAsyncIOTransport,
)

from local.clock import Clock, ManualClock
from local.control.faults import Fault
from local.secrets.names import project_number
from local.secrets.server import SecretsServer
from local.standin import Options

pytestmark = pytest.mark.source(
    "google/cloud/secretmanager/v1/service.proto and resources.proto, or what each docstring names"
)

Client = secretmanager_v1.SecretManagerServiceAsyncClient
State = secretmanager_v1.SecretVersion.State
PROJECT = "projects/demo"
NUMBERED = f"projects/{project_number('demo')}"
SECRET = f"{PROJECT}/secrets/key"
START = 1_800_000_000.0
AUTOMATIC = {"replication": {"automatic": {}}}


@contextlib.asynccontextmanager
async def running(state: Path | None = None, clock: Clock | None = None) -> AsyncIterator[Client]:
    """A stand-in and its client."""
    server = SecretsServer(Options(0, state), clock)
    port = await server.start()
    try:
        async with connected(port) as client:
            yield client
    finally:
        await server.stop()


@contextlib.asynccontextmanager
async def connected(port: int) -> AsyncIterator[Client]:
    """The real asynchronous client, pointed at a port."""
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield Client(transport=SecretManagerServiceGrpcAsyncIOTransport(channel=channel))


async def create(client: Client, *values: bytes, **fields: Any) -> None:
    """Make SECRET with these versions."""
    await client.create_secret(parent=PROJECT, secret_id="key", secret=AUTOMATIC | fields)
    for value in values:
        await client.add_secret_version(parent=SECRET, payload={"data": value})


async def access(client: Client, version: str = "latest") -> bytes:
    """The payload of a version of SECRET."""
    return (await client.access_secret_version(name=f"{SECRET}/versions/{version}")).payload.data


def contents(folder: Path) -> bytes:
    """All bytes of all files of a folder."""
    return b"".join(path.read_bytes() for path in folder.iterdir())


def modes(folder: Path) -> set[int]:
    """The permissions of the files of a folder."""
    return {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


async def test_a_version_is_read_by_number_by_latest_and_by_alias() -> None:
    """All three lead to a payload; the reply always names project number and version number."""
    async with running() as client:
        await create(client, b"one", b"two")
        await client.update_secret(
            secret={"name": SECRET, "version_aliases": {"first": 1}},
            update_mask={"paths": ["version_aliases"]},
        )
        assert [await access(client, each) for each in ("1", "2", "latest", "first")] == [
            b"one",
            b"two",
            b"two",
            b"one",
        ]
        named = await client.access_secret_version(name=f"{SECRET}/versions/first")
        assert named.name == f"{NUMBERED}/secrets/key/versions/1"


async def test_a_project_is_known_by_its_number_too() -> None:
    """projects/ID and projects/NUMBER are one project, also when a reply's name is used again."""
    async with running() as client:
        await create(client, b"one")
        reply = await client.get_secret(name=SECRET)
        assert reply.name == f"{NUMBERED}/secrets/key"
        assert (await client.access_secret_version(name=f"{reply.name}/versions/1")).payload.data == b"one"
        assert project_number("demo").isdigit()
        assert len(project_number("demo")) == 12


async def test_projects_are_apart() -> None:
    """The same secret id in two projects, or in a region, names different secrets."""
    async with running() as client:
        for parent in (PROJECT, "projects/other"):
            await client.create_secret(parent=parent, secret_id="key", secret=AUTOMATIC)
        regional = f"{PROJECT}/locations/europe-west1"
        await client.create_secret(parent=regional, secret_id="key", secret={})
        for parent in (PROJECT, "projects/other", regional):
            assert len([each async for each in await client.list_secrets(parent=parent)]) == 1


async def test_a_secret_is_created_once() -> None:
    """A second CreateSecret is ALREADY_EXISTS and names the number (quoted by terraform users)."""
    async with running() as client:
        await create(client)
        with pytest.raises(
            exceptions.AlreadyExists, match=rf"Secret \[{NUMBERED}/secrets/key\] already exists."
        ):
            await create(client)


async def test_what_is_missing_is_not_found() -> None:
    """A missing secret, version or alias, and latest of an empty secret, are NOT_FOUND."""
    async with running() as client:
        with pytest.raises(exceptions.NotFound, match="not found or has no versions"):
            await access(client)
        with pytest.raises(exceptions.NotFound, match="not found"):
            await client.add_secret_version(parent=SECRET, payload={"data": b"x"})
        await create(client)
        with pytest.raises(exceptions.NotFound, match="not found or has no versions"):
            await access(client)
        for version in ("1", "alias"):
            with pytest.raises(exceptions.NotFound, match=f"versions/{version}. not found"):
                await access(client, version)


@pytest.mark.parametrize("name", ["key", "projects/p/secrets/a b", "projects/p/secrets/s/versions/0"])
async def test_a_malformed_name_is_refused(name: str) -> None:
    """A name of the wrong form is INVALID_ARGUMENT in the service's words (quoted in public issues)."""
    async with running() as client:
        with pytest.raises(exceptions.InvalidArgument, match="is not in a valid format"):
            await client.access_secret_version(name=name)


async def test_a_disabled_version_cannot_be_read_until_it_is_enabled() -> None:
    """DISABLED is FAILED_PRECONDITION, also through latest, which does not fall back (quoted)."""
    async with running() as client:
        await create(client, b"one", b"two")
        await client.disable_secret_version(name=f"{SECRET}/versions/2")
        for version in ("2", "latest"):
            with pytest.raises(exceptions.FailedPrecondition, match=r"versions/2\] is in DISABLED state"):
                await access(client, version)
        await client.enable_secret_version(name=f"{SECRET}/versions/2")
        assert await access(client) == b"two"


async def test_a_destroyed_version_is_gone_for_good(tmp_path: Path) -> None:
    """DESTROYED cannot be read, enabled or destroyed again; its bytes are nowhere in the files."""
    async with running(tmp_path) as client:
        await create(client, b"to-be-forgotten" * 4000)
        destroyed = await client.destroy_secret_version(name=f"{SECRET}/versions/1")
        assert (destroyed.state, bool(destroyed.destroy_time)) == (State.DESTROYED, True)
        with pytest.raises(exceptions.FailedPrecondition, match="is in DESTROYED state"):
            await access(client)
        for change in (client.enable_secret_version, client.destroy_secret_version):
            with pytest.raises(exceptions.FailedPrecondition, match="is in DESTROYED state"):
                await change(name=f"{SECRET}/versions/1")
        assert b"to-be-forgotten" not in contents(tmp_path)


async def test_a_destruction_can_be_delayed_and_called_off() -> None:
    """A version is disabled first; enabling it calls it off (Secret.version_destroy_ttl)."""
    clock = ManualClock(START)
    async with running(clock=clock) as client:
        await create(client, b"one", version_destroy_ttl=timedelta(days=1))
        name = f"{SECRET}/versions/1"
        planned = await client.destroy_secret_version(name=name)
        assert (planned.state, planned.scheduled_destroy_time.timestamp()) == (State.DISABLED, START + 86400)
        await client.enable_secret_version(name=name)
        clock.advance(86401)
        assert await access(client) == b"one"
        await client.destroy_secret_version(name=name)
        clock.advance(86401)
        assert (await client.get_secret_version(name=name)).state == State.DESTROYED


async def test_a_wrong_checksum_is_refused_and_a_right_one_returned() -> None:
    """data_crc32c is verified on the way in and sent on the way out (SecretPayload.data_crc32c)."""
    async with running() as client:
        await create(client)
        data = b"\x00binary\xff"
        checksum = google_crc32c.value(data)
        with pytest.raises(exceptions.InvalidArgument, match="data_crc32c"):
            await client.add_secret_version(
                parent=SECRET, payload={"data": data, "data_crc32c": checksum + 1}
            )
        added = await client.add_secret_version(
            parent=SECRET, payload={"data": data, "data_crc32c": checksum}
        )
        assert added.client_specified_payload_checksum
        plain = await client.add_secret_version(parent=SECRET, payload={"data": data})
        assert not plain.client_specified_payload_checksum
        payload = (await client.access_secret_version(name=f"{SECRET}/versions/1")).payload
        assert (payload.data, payload.data_crc32c) == (data, checksum)


async def test_a_payload_holds_1_byte_to_64_kib() -> None:
    """65,536 bytes are accepted, one more or none is INVALID_ARGUMENT (quotas page)."""
    async with running() as client:
        await create(client, b"x" * 65_536)
        for data in (b"x" * 65_537, b""):
            with pytest.raises(exceptions.InvalidArgument, match="Payload"):
                await client.add_secret_version(parent=SECRET, payload={"data": data})


async def test_versions_count_up_and_are_listed_newest_first() -> None:
    """Numbers start at 1 and are never used twice; lists are in reverse order, in pages, with a total."""
    async with running() as client:
        await create(client, b"1", b"2", b"3")
        await client.destroy_secret_version(name=f"{SECRET}/versions/3")
        added = await client.add_secret_version(parent=SECRET, payload={"data": b"4"})
        assert added.name.endswith("/versions/4")
        pager = await client.list_secret_versions(request={"parent": SECRET, "page_size": 3})
        pages = [page async for page in pager.pages]
        numbers = [[version.name[-1] for version in page.versions] for page in pages]
        assert (numbers, pages[0].total_size) == ([["4", "3", "2"], ["1"]], 4)
        request = {"parent": SECRET, "filter": "state:DESTROYED"}
        kept = [each.name[-1] async for each in await client.list_secret_versions(request=request)]
        assert kept == ["3"]


async def test_secrets_are_listed_newest_first_and_filtered_by_label() -> None:
    """Pages begin at the newest; labels select; a filter beyond that is UNIMPLEMENTED, not ignored."""
    async with running() as client:
        for number in range(5):
            secret = AUTOMATIC | {"labels": {"odd": str(number % 2)}}
            await client.create_secret(parent=PROJECT, secret_id=f"s{number}", secret=secret)
        pager = await client.list_secrets(request={"parent": PROJECT, "page_size": 2})
        assert [each.name[-1] async for each in pager] == ["4", "3", "2", "1", "0"]
        odd = {"parent": PROJECT, "filter": "labels.odd=1 AND name:secrets/s"}
        assert [each.name[-1] async for each in await client.list_secrets(request=odd)] == ["3", "1"]
        with pytest.raises(exceptions.MethodNotImplemented):
            await client.list_secrets(request={"parent": PROJECT, "filter": "create_time>2020-01-01"})


async def test_an_etag_guards_against_a_lost_update() -> None:
    """A stale etag is FAILED_PRECONDITION; even a change of nothing makes a new one (etags page)."""
    async with running() as client:
        await create(client, b"one")
        secret = await client.get_secret(name=SECRET)
        assert secret.etag.startswith('"')
        update = {"name": SECRET, "labels": {"a": "b"}, "etag": secret.etag}
        await client.update_secret(secret=update, update_mask={"paths": ["labels"]})
        with pytest.raises(exceptions.FailedPrecondition, match="etag"):
            await client.update_secret(secret=update, update_mask={"paths": ["labels"]})
        with pytest.raises(exceptions.FailedPrecondition, match="etag"):
            await client.delete_secret(request={"name": SECRET, "etag": secret.etag})
        name = f"{SECRET}/versions/1"
        stale = (await client.get_secret_version(name=name)).etag
        await client.enable_secret_version(name=name)
        with pytest.raises(exceptions.FailedPrecondition, match="etag"):
            await client.disable_secret_version(request={"name": name, "etag": stale})


async def test_an_update_changes_what_its_mask_names() -> None:
    """Fields outside the mask stay; immutable ones and a missing mask are refused (UpdateSecretRequest)."""
    async with running() as client:
        await create(client, b"1", labels={"a": "1"}, annotations={"note": "x"})
        changed = await client.update_secret(
            secret={"name": SECRET, "labels": {"b": "2"}}, update_mask={"paths": ["labels"]}
        )
        assert (dict(changed.labels), dict(changed.annotations)) == ({"b": "2"}, {"note": "x"})
        for paths in (["replication"], ["nonsense"], []):
            with pytest.raises(exceptions.InvalidArgument):
                await client.update_secret(secret={"name": SECRET}, update_mask={"paths": paths})
        aliases = {"name": SECRET, "version_aliases": {"next": 9}}
        with pytest.raises(exceptions.InvalidArgument, match="points to no version"):
            await client.update_secret(secret=aliases, update_mask={"paths": ["version_aliases"]})


async def test_a_secret_expires() -> None:
    """A ttl becomes an expire_time, after which the secret is gone (Secret.expire_time)."""
    clock = ManualClock(START)
    async with running(clock=clock) as client:
        await create(client, b"one", ttl=timedelta(hours=1))
        secret = await client.get_secret(name=SECRET)
        assert secret.expire_time.timestamp() == START + 3600
        clock.advance(3601)
        with pytest.raises(exceptions.NotFound):
            await client.get_secret(name=SECRET)
        with pytest.raises(exceptions.InvalidArgument, match="future"):
            await create(client, expire_time=datetime.fromtimestamp(START, UTC))


async def test_a_deleted_secret_takes_its_versions_along() -> None:
    """DeleteSecret removes the versions; a new secret of that name starts at version 1."""
    async with running() as client:
        await create(client, b"one", b"two")
        await client.delete_secret(name=SECRET)
        with pytest.raises(exceptions.NotFound):
            await access(client, "1")
        await create(client, b"new")
        assert await access(client, "1") == b"new"


@pytest.mark.source("local/secrets/README.md")
async def test_everything_survives_a_restart_in_a_private_file(tmp_path: Path) -> None:
    """What was added is there after a restart; only the owner may read the files (mode 0600)."""
    async with running(tmp_path) as client:
        await create(client, b"one")
        assert modes(tmp_path) == {0o600}
    async with running(tmp_path) as client:
        assert await access(client) == b"one"


async def test_what_is_not_emulated_is_refused() -> None:
    """IAM, Pub/Sub topics, rotation and CMEK are UNIMPLEMENTED, never silently accepted."""
    async with running() as client:
        await create(client)
        key = {"kms_key_name": "projects/p/locations/l/keyRings/r/cryptoKeys/k"}
        calls = [
            client.get_iam_policy(request={"resource": SECRET}),
            client.set_iam_policy(request={"resource": SECRET}),
            client.test_iam_permissions(request={"resource": SECRET}),
            client.create_secret(
                parent=PROJECT, secret_id="a", secret=AUTOMATIC | {"topics": [{"name": "t"}]}
            ),
            client.update_secret(secret={"name": SECRET}, update_mask={"paths": ["rotation"]}),
            client.create_secret(
                parent=f"{PROJECT}/locations/l", secret_id="b", secret={"customer_managed_encryption": key}
            ),
        ]
        for call in calls:
            with pytest.raises(exceptions.MethodNotImplemented, match="not emulated"):
                await call


async def test_replication_is_required_for_a_global_secret() -> None:
    """CreateSecret without a replication policy is INVALID_ARGUMENT (CreateSecretRequest.secret)."""
    async with running() as client:
        with pytest.raises(exceptions.InvalidArgument, match="replication"):
            await client.create_secret(parent=PROJECT, secret_id="key", secret={})


@pytest.mark.source("local/secrets/README.md")
async def test_many_readers_and_writers_at_once() -> None:
    """Fifty versions added at the same time get fifty numbers."""
    async with running() as client:
        await create(client)
        adds = (client.add_secret_version(parent=SECRET, payload={"data": b"x"}) for _ in range(50))
        names = {version.name for version in await asyncio.gather(*adds)}
        assert len(names) == 50


@pytest.mark.source("local/control/README.md")
async def test_faults_and_counts() -> None:
    """Control makes a call fail once and counts it; without a retry of one's own the client shows it."""
    server = SecretsServer(Options())
    async with connected(await server.start()) as client:
        await create(client, b"one")
        server.control.faults.append(Fault("AccessSecretVersion", status="PERMISSION_DENIED"))
        with pytest.raises(exceptions.PermissionDenied):
            await access(client)
        assert await access(client) == b"one"
        assert server.control.calls["AccessSecretVersion"] == 2
    await server.stop()


@pytest.mark.source("local/standin.py, StandIn.start")
async def test_a_taken_port_is_named() -> None:
    """start() on a port in use raises OSError with its number."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=str(port)):
            await SecretsServer(Options(port=port)).start()


@pytest.mark.source("local/secrets/README.md")
async def test_exports_name_the_address() -> None:
    """SECRETS_HOST is the address of the gRPC channel."""
    server = SecretsServer(Options())
    port = await server.start()
    assert server.exports() == {"SECRETS_HOST": f"127.0.0.1:{port}"}
    await server.stop()
