"""Resumable uploads and what survives: the client's, and the protocol by hand where the client hides it.

Expected behaviour: https://cloud.google.com/storage/docs/performing-resumable-uploads.
"""

import base64
import io
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import google_crc32c
import pytest
import requests
from google.api_core import exceptions
from google.cloud import storage

from local.control.faults import Fault
from local.standin import Options
from tests.local.storage.conftest import Running

pytestmark = pytest.mark.source("https://cloud.google.com/storage/docs/performing-resumable-uploads")

CHUNK = 256 * 1024
DATA = os.urandom(2 * CHUNK + 1000)


def begin(server: Running, bucket: str, name: str = "big", **query: str) -> str:
    """The address of a new session."""
    url = f"{server.url}/upload/storage/v1/b/{bucket}/o"
    answer = server.session.post(
        url, params={"uploadType": "resumable", **query}, json={"name": name}, timeout=10
    )
    assert answer.status_code == 200, answer.text
    return answer.headers["location"]


def send(server: Running, where: str, span: str, data: bytes = b"", **headers: str) -> requests.Response:
    """PUT with this Content-Range."""
    all_headers = {"Content-Range": f"bytes {span}", **headers}
    return server.session.put(where, data, headers=all_headers, timeout=10)


def test_client(server: Running, bucket: storage.Bucket) -> None:
    """A stream of unknown length arrives in chunks, through a failure in the middle."""
    server.server.control.faults.append(Fault("objects.resume", status="503", skip=1))
    blob = bucket.blob("streamed", chunk_size=CHUNK)
    blob.upload_from_file(io.BytesIO(DATA))
    assert blob.download_as_bytes() == DATA
    assert server.server.control.calls["objects.resume"] >= 4


def test_writer(bucket: storage.Bucket) -> None:
    """blob.open writes and reads as a file."""
    with bucket.blob("file").open("wb", chunk_size=CHUNK, ignore_flush=True) as file:
        file.write(DATA[:1000])
        file.write(DATA[1000:])
    with bucket.blob("file").open("rb") as file:
        file.seek(CHUNK)
        assert file.read() == DATA[CHUNK:]


def test_protocol(server: Running, bucket: storage.Bucket) -> None:
    """308 tells what is kept, in whole multiples of 256 KiB; the end makes the object and is told again."""
    where = begin(server, bucket.name)
    empty = send(server, where, "*/*")
    assert (empty.status_code, "range" in empty.headers) == (308, False)
    first = send(server, where, f"0-{CHUNK + 9}/*", DATA[: CHUNK + 10])
    assert (first.status_code, first.headers["range"]) == (308, f"bytes=0-{CHUNK - 1}")
    gap = send(server, where, f"{CHUNK * 2}-{len(DATA) - 1}/{len(DATA)}", DATA[CHUNK * 2 :])
    assert gap.status_code == 400
    assert not bucket.blob("big").exists()
    overlap = send(server, where, f"1000-{len(DATA) - 1}/{len(DATA)}", DATA[1000:])
    assert (overlap.status_code, overlap.json()["size"]) == (200, str(len(DATA)))
    assert bucket.blob("big").download_as_bytes() == DATA
    assert send(server, where, f"*/{len(DATA)}").json() == overlap.json()


def test_whole_body(server: Running, bucket: storage.Bucket) -> None:
    """A PUT without Content-Range brings everything."""
    where = begin(server, bucket.name, "whole")
    assert server.session.put(where, DATA, timeout=10).status_code == 200
    assert bucket.blob("whole").download_as_bytes() == DATA


def test_wrong_hash(server: Running, bucket: storage.Bucket) -> None:
    """The checksum that comes with the last chunk is compared with the whole."""
    right = base64.b64encode(google_crc32c.value(DATA).to_bytes(4, "big")).decode()
    span = f"0-{len(DATA) - 1}/{len(DATA)}"
    wrong = send(server, begin(server, bucket.name), span, DATA, **{"x-goog-hash": "crc32c=AAAAAA=="})
    assert wrong.status_code == 400
    assert not bucket.blob("big").exists()
    fine = send(server, begin(server, bucket.name), span, DATA, **{"x-goog-hash": f"crc32c={right}"})
    assert fine.status_code == 200


def test_preconditions(server: Running, bucket: storage.Bucket) -> None:
    """They are checked when the session begins and when it ends."""
    where = begin(server, bucket.name, ifGenerationMatch="0")
    bucket.blob("big").upload_from_string(b"was faster")
    assert send(server, where, f"0-{len(DATA) - 1}/{len(DATA)}", DATA).status_code == 412
    blob = bucket.blob("big", chunk_size=CHUNK)
    with pytest.raises(exceptions.PreconditionFailed):
        blob.upload_from_file(io.BytesIO(DATA), if_generation_match=0, retry=None)
    assert blob.download_as_bytes() == b"was faster"


def test_cancel(server: Running, bucket: storage.Bucket) -> None:
    """A cancelled session answers 499 and is gone; a session of another bucket does not exist."""
    where = begin(server, bucket.name)
    assert server.session.delete(where, timeout=10).status_code == 499
    assert send(server, where, "*/*").status_code == 404


@pytest.mark.source("local/storage/README.md")
def test_broken_connection(server: Running, bucket: storage.Bucket) -> None:
    """What arrived before the connection broke is kept, and there is no half object."""
    where = begin(server, bucket.name)
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as raw:
        path = where.removeprefix(server.url)
        head = f"PUT {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(DATA)}\r\n"
        head += f"Content-Range: bytes 0-{len(DATA) - 1}/{len(DATA)}\r\n\r\n"
        raw.sendall(head.encode() + DATA[: CHUNK + 5000])
    while "range" not in (asked := send(server, where, "*/*")).headers:
        pass
    assert (asked.status_code, asked.headers["range"]) == (308, f"bytes=0-{CHUNK - 1}")
    assert not bucket.blob("big").exists()
    assert send(server, where, f"{CHUNK}-{len(DATA) - 1}/{len(DATA)}", DATA[CHUNK:]).status_code == 200
    assert bucket.blob("big").download_as_bytes() == DATA


@pytest.mark.source("local/storage/README.md")
def test_restart(tmp_path: Path) -> None:
    """Objects and unfinished uploads are there after a restart; files that no row names are swept."""
    running = Running(Options(state=tmp_path, settings={"buckets": "kept"}))
    bucket = running.client().bucket("kept")
    bucket.blob("a").upload_from_string(b"stays")
    where = begin(running, "kept", "later")
    send(running, where, f"0-{CHUNK - 1}/*", DATA[:CHUNK])
    port = int(running.url.rpartition(":")[2])
    running.stop()
    (tmp_path / "storage" / "blobs" / "orphan").write_bytes(b"x")
    running = Running(Options(port=port, state=tmp_path, settings={"buckets": "kept"}))
    try:
        assert not (tmp_path / "storage" / "blobs" / "orphan").exists()
        assert send(running, where, f"{CHUNK}-{len(DATA) - 1}/{len(DATA)}", DATA[CHUNK:]).status_code == 200
        bucket = running.client().bucket("kept")
        assert bucket.blob("a").download_as_bytes() == b"stays"
        assert bucket.blob("later").download_as_bytes() == DATA
        assert len(list((tmp_path / "storage" / "blobs").iterdir())) == 2
        assert list((tmp_path / "storage" / "parts").iterdir()) == []
    finally:
        running.stop()


SERVE = """
import asyncio, sys
from pathlib import Path
from local.standin import Options
from local.storage.server import StorageServer

async def serve():
    server = StorageServer(Options(state=Path(sys.argv[1]), settings={"buckets": "kept"}))
    print(await server.start(), flush=True)
    await asyncio.Event().wait()

asyncio.run(serve())
"""


@pytest.mark.source("local/storage/README.md")
def test_kill(tmp_path: Path) -> None:
    """After kill -9 between and within uploads every acknowledged object is whole, and no other is there."""
    child = subprocess.Popen(  # noqa: S603 - this test's own program
        [sys.executable, "-c", SERVE, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    port = int(child.stdout.readline())
    url = f"http://127.0.0.1:{port}/upload/storage/v1/b/kept/o?uploadType=media&name="
    acknowledged = []
    with requests.Session() as session:
        session.trust_env = False
        for index in range(20):
            assert session.post(f"{url}{index}", DATA[: 1000 * index], timeout=10).ok
            acknowledged.append(str(index))
        with socket.create_connection(("127.0.0.1", port), timeout=10) as half:
            path = url.partition(f":{port}")[2]
            half.sendall(
                f"POST {path}half HTTP/1.1\r\nHost: x\r\nContent-Length: 999999\r\n\r\n".encode() + DATA
            )
            child.send_signal(signal.SIGKILL)
            child.wait(10)
    child.stdout.close()
    running = Running(Options(state=tmp_path))
    try:
        found = {each.name: each for each in running.client().bucket("kept").list_blobs()}
        assert sorted(found) == sorted(acknowledged)
        for name, blob in found.items():
            assert blob.download_as_bytes() == DATA[: 1000 * int(name)]
    finally:
        running.stop()
