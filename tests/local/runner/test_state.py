"""What stands in the state folder: one supervisor, the operator's secrets, logs; and the served Drive."""

import base64
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import grpc.aio
import psutil
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from google.cloud.secretmanager_v1 import SecretManagerServiceAsyncClient
from google.cloud.secretmanager_v1.services.secret_manager_service.transports import (
    SecretManagerServiceGrpcAsyncIOTransport as Transport,
)

from local.runner.follow import Logs
from local.runner.host import Plan
from local.runner.lock import MARK, InUse, acquire, mark, sweep
from local.runner.operator import load_or_make
from local.runner.people import served_drive
from local.secrets.server import SecretsServer
from local.standin import Options

pytestmark = pytest.mark.source("local/README.md: the state folder")


def test_one_supervisor_a_state_folder(tmp_path: Path) -> None:
    """A second one is refused with the first one's process id, until the first has gone."""
    with acquire(tmp_path), pytest.raises(InUse, match=f"process {os.getpid()} runs on"):
        acquire(tmp_path)
    acquire(tmp_path).close()


def test_what_a_dead_run_left_is_swept(tmp_path: Path) -> None:
    """Processes with this state's mark are killed, those of another state are not."""
    (tmp_path / "other").mkdir()
    sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
    ours, theirs = (
        subprocess.Popen(sleep, env={MARK: mark(state)})  # noqa: S603 - ours
        for state in (tmp_path, tmp_path / "other")
    )
    try:
        assert sweep(tmp_path) == 1
        ours.wait(5)
        assert psutil.pid_exists(theirs.pid)
        assert theirs.poll() is None
    finally:
        theirs.kill()
        theirs.wait()


def test_the_operators_secrets_are_made_once(tmp_path: Path) -> None:
    """They have the promised shapes, are for the owner's eyes, and stay the same at the next start."""
    made = load_or_make(tmp_path / "operator.json")
    assert load_or_make(tmp_path / "operator.json") == made
    assert stat.S_IMODE((tmp_path / "operator.json").stat().st_mode) == 0o600
    (signing,) = json.loads(made["session-signing-keys"])["keys"]
    key = load_pem_private_key(signing["private_key"].encode(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert key.curve.name == "secp256r1"
    for name in ("sealing-keys", "audit-keys"):
        (sealing,) = json.loads(made[name])["keys"]
        assert len(base64.b64decode(sealing["key"])) == 32
    assert len(made["oauth-client-secret"]) >= 32


def test_a_secret_that_an_older_start_did_not_know_is_added(tmp_path: Path) -> None:
    """The others stay as they are, so that sessions and grants outlive the upgrade."""
    made = load_or_make(tmp_path / "operator.json")
    older = {name: value for name, value in made.items() if name != "audit-keys"}
    (tmp_path / "operator.json").write_text(json.dumps(older))
    again = load_or_make(tmp_path / "operator.json")
    assert {name: again[name] for name in older} == older
    assert load_or_make(tmp_path / "operator.json") == again
    assert "audit-keys" in again


async def test_secrets_are_put_once(tmp_path: Path) -> None:
    """Each becomes `latest`; the same values at the next start add no version, a new value adds one."""
    for value, version in (("one", 1), ("one", 1), ("two", 2)):
        declared = json.dumps({"projects/p/secrets/a": value, "projects/p/secrets/b": "stays"})
        server = SecretsServer(Options(state=tmp_path, settings={"secrets": declared}))
        await server.start()
        try:
            assert await latest(server, "a") == (version, value.encode())
            assert await latest(server, "b") == (1, b"stays")
        finally:
            await server.stop()


async def latest(server: SecretsServer, secret: str) -> tuple[int, bytes]:
    """The number and the payload of a secret's latest version."""
    async with grpc.aio.insecure_channel(server.exports()["SECRETS_HOST"]) as channel:
        client = SecretManagerServiceAsyncClient(transport=Transport(channel=channel))
        reply = await client.access_secret_version(name=f"projects/p/secrets/{secret}/versions/latest")
        return int(reply.name.rpartition("/")[2]), reply.payload.data


def test_a_plan_survives_the_pipe(tmp_path: Path) -> None:
    """What the supervisor writes to a host is what the host reads."""
    options = Options(port=1, state=tmp_path, signin="http://x", drive=None, settings={"a": "b"})
    plan = Plan({"tasks": options}, 9, tmp_path / "snapshots")
    assert Plan.from_json(plan.to_json()) == plan


def test_the_drive_of_ones_own(tmp_path: Path) -> None:
    """People come from the sidecar; the first is the admin; each folder has a state of its own."""
    folder = tmp_path / "My Files"
    folder.mkdir()
    plain = served_drive(folder)
    assert (plain.name, plain.admin) == ("My Files", "alice@example.com")
    assert plain.state_name.startswith("my-files-")
    (folder / "permissions.json").write_text(json.dumps({"users": ["Zoe@a.example", "yan@b.example"]}))
    shared = served_drive(folder)
    assert (shared.admin, shared.domains) == ("zoe@a.example", ("a.example", "b.example"))
    assert served_drive(None).state_name == "demo"


@pytest.mark.parametrize("broken", ["not json", "[]"])
def test_a_broken_sidecar_is_not_passed_over(tmp_path: Path, broken: str) -> None:
    """Serving without it would open every file to everyone."""
    (tmp_path / "permissions.json").write_text(broken)
    with pytest.raises(ValueError, match=r"permissions\.json"):
        served_drive(tmp_path)
    with pytest.raises(ValueError, match="not a folder"):
        served_drive(tmp_path / "none")


def test_logs_are_followed_line_by_line(tmp_path: Path) -> None:
    """Only whole lines, each once, and a log begun anew from its beginning."""
    logs, file = Logs(tmp_path), tmp_path / "chat.log"
    file.write_text("one\ntw")
    assert logs.fresh() == [("chat", "one")]
    file.write_text("one\ntwo\n")
    assert logs.fresh() == [("chat", "two")]
    file.write_text("new\n")
    assert logs.fresh() == [("chat", "new")]


def test_importing_the_command_line_starts_nothing() -> None:
    """The supervisor stays small: no gRPC and no Google library comes with the command line."""
    heavy = "m.startswith(('grpc', 'google.cloud.'))"
    code = f"import local.__main__, sys\nprint([m for m in sys.modules if {heavy}])"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert ended.stdout.strip() == "[]"
