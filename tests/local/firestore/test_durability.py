"""What was acknowledged is on disk."""

import asyncio
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.api_core import exceptions
from google.cloud import firestore

from local.firestore.server import FirestoreServer
from local.standin import Options
from tests.local.firestore.conftest import ServerThread

pytestmark = pytest.mark.source("the promise of a commit: durable once acknowledged, whole or not at all")

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """
import asyncio, pathlib, sys
from local.firestore.server import FirestoreServer
from local.standin import Options

async def main():
    server = FirestoreServer(Options(state=pathlib.Path(sys.argv[1])))
    print(await server.start(), flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture
def process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator["subprocess.Popen[str]"]:
    """A stand-in in a process of its own."""
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", PROGRAM, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as started:
        assert started.stdout
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", f"127.0.0.1:{started.stdout.readline().strip()}")
        yield started
        started.kill()


def commit_until_killed(db: firestore.Client, worker: int, acknowledged: list[str]) -> None:
    """Commit pairs of documents, one after the other, until the server is gone."""
    for number in range(100_000):
        batch = db.batch()
        for half in ("left", "right"):
            batch.set(db.document(f"{half}/{worker}-{number}"), {"n": number, "pad": "x" * 200})
        try:
            batch.commit(retry=None, timeout=10)
        except exceptions.GoogleAPICallError:
            return
        acknowledged.append(f"{worker}-{number}")


def test_kill_9_in_the_middle_of_many_commits(
    process: "subprocess.Popen[str]", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every acknowledged commit is there, and no half of one."""
    db = firestore.Client(project="p")
    acknowledged: list[str] = []
    enough = threading.Event()

    def run(worker: int) -> None:
        commit_until_killed(db, worker, acknowledged)
        enough.set()

    workers = [threading.Thread(target=run, args=(worker,)) for worker in range(8)]
    for worker in workers:
        worker.start()
    while len(acknowledged) < 1000:
        enough.wait(0.01)
    os.kill(process.pid, signal.SIGKILL)
    for worker in workers:
        worker.join(30)
    db.close()

    again = ServerThread(Options(state=tmp_path))
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", again.host)
    reader = firestore.Client(project="p")
    left = {ref.id for ref in reader.collection("left").list_documents(page_size=1000)}
    right = {ref.id for ref in reader.collection("right").list_documents(page_size=1000)}
    reader.close()
    again.close()
    assert left == right
    assert set(acknowledged) <= left


def test_everything_is_there_after_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents, times, the past, collections, other databases."""
    first = ServerThread(Options(state=tmp_path))
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", first.host)
    db = firestore.Client(project="p")
    old = db.document("a/b").set({"x": 1}).update_time
    new = db.document("a/b").set({"x": 2}).update_time
    firestore.Client(project="p", database="other").document("a/b").set({"x": 3})
    first.close()
    db.close()

    second = ServerThread(Options(state=tmp_path))
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", second.host)
    db = firestore.Client(project="p")
    snapshot = db.document("a/b").get()
    assert (snapshot.get("x"), snapshot.create_time, snapshot.update_time) == (2, old, new)
    assert db.document("a/b").get(read_time=old).get("x") == 1
    assert [c.id for c in db.collections()] == ["a"]
    assert db.document("a/b").set({"x": 4}).update_time > new
    assert firestore.Client(project="p", database="other").document("a/b").get().get("x") == 3
    db.close()
    second.close()


@pytest.mark.parametrize("on_disk", [True, False], ids=["on disk", "in memory"])
def test_a_state_is_saved_and_restored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, on_disk: bool
) -> None:
    """restore() brings back documents, collections and times as they were, and later commits work."""
    running = ServerThread(Options(state=tmp_path / "state" if on_disk else None))
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", running.host)
    db = firestore.Client(project="p")
    kept = db.document("a/b").set({"x": 1}).update_time
    assert [s.id for s in db.collection("a").stream()] == ["b"]
    running.run(running.server.save(tmp_path / "copy"))
    db.document("a/b").set({"x": 2})
    db.document("c/d").set({})
    running.run(running.server.restore(tmp_path / "copy"))
    assert [(s.id, s.get("x"), s.update_time) for s in db.collection("a").stream()] == [("b", 1, kept)]
    assert [c.id for c in db.collections()] == ["a"]
    assert db.document("c/d").set({}).update_time > kept
    assert [c.id for c in db.collections()] == ["a", "c"]
    db.close()
    running.close()


async def test_without_a_state_folder_nothing_is_kept() -> None:
    """It lives in memory."""
    server = FirestoreServer(Options())
    await server.start()
    await server.stop()
    assert server.exports()["FIRESTORE_EMULATOR_HOST"].startswith("127.0.0.1:")


async def test_a_taken_port_is_named() -> None:
    """OSError that says which."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=str(port)):
            await FirestoreServer(Options(port=port)).start()


async def test_a_state_folder_belongs_to_one_server(tmp_path: Path) -> None:
    """A second one on the same folder fails instead of mixing in."""
    server = FirestoreServer(Options(state=tmp_path))
    await server.start()
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        await asyncio.wait_for(FirestoreServer(Options(state=tmp_path)).start(), 20)
    await server.stop()


@pytest.mark.source("local/control/README.md")
async def test_faults_and_counts(adb: firestore.AsyncClient, server: ServerThread) -> None:
    """Calls are counted by method, and a fault that is armed is what the client sees."""
    from local.control.faults import Fault

    before = server.server.control.calls["Commit"]
    await adb.document("a/b").set({})
    assert server.server.control.calls["Commit"] == before + 1
    server.server.control.faults.append(Fault(method="Commit", status="PERMISSION_DENIED"))
    with pytest.raises(exceptions.PermissionDenied, match="injected"):
        await adb.document("a/b").set({})
    await adb.document("a/b").set({})
