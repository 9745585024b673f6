"""The block of ports: fixed places, and a taken one is named."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.runner.ports import ROLES, Ports, PortTaken, free_block

pytestmark = pytest.mark.source("local/README.md: ports")

CHECKOUT = Path(__file__).resolve().parents[3]
README = CHECKOUT / "local" / "README.md"


@pytest.fixture
def taken() -> Iterator[int]:
    """The first port of a block whose fourth port somebody else has."""
    first = free_block()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", first + 3))
        listener.listen()
        yield first


def test_the_gateway_is_first() -> None:
    """--port is the address that people open; the rest is counted from it."""
    assert Ports(8080)["gateway"] == 8080
    assert Ports(8080).url("ingest") == "http://127.0.0.1:8083"


def test_vertex_has_two_neighbouring_ports() -> None:
    """The Vertex stand-in takes its own port for HTTP and the next for gRPC."""
    assert Ports(1)["vertex-grpc"] == Ports(1)["vertex"] + 1


def test_a_taken_port_is_named(taken: int) -> None:
    """The sentence has the port, who would have had it, and the way out."""
    with pytest.raises(PortTaken, match=rf"port {taken + 3} \(ingest\) is taken; choose another with --port"):
        Ports(taken).check()


def test_a_taken_port_ends_the_start(taken: int, tmp_path: Path) -> None:
    """`python -m local` says so and exits 2 before it starts anything."""
    words = [sys.executable, "-m", "local", "--port", str(taken), "--state", str(tmp_path)]
    ended = subprocess.run(words, cwd=CHECKOUT, capture_output=True, text=True, timeout=30, check=False)  # noqa: S603 - ours
    assert ended.returncode == 2
    assert ended.stderr.strip() == f"port {taken + 3} (ingest) is taken; choose another with --port"
    assert not (tmp_path / "logs").exists()


@pytest.mark.parametrize("first", [0, -1, 65_530, 70_000])
def test_a_block_that_does_not_fit_is_refused(first: int) -> None:
    """Ports end at 65,535, and 0 means nothing here."""
    with pytest.raises(PortTaken, match="--port takes"):
        Ports(first).check()


def test_the_readme_shows_the_block() -> None:
    """Every role stands in the README's table with its distance from --port."""
    text = README.read_text()
    for offset, role in enumerate(ROLES):
        assert f"| N+{offset} | {role} |".replace("N+0", "N") in text
