"""HTTP over connections that are kept: against a server that says, byte by byte, what a test wants said."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from shared.gcp.http_calls import HttpCalls
from shared.observing import spans

WHOLE = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwhole"


class Server:
    """Answers each request with the next of `answers`: bytes to write, or None to hang up."""

    def __init__(self, *answers: Sequence[bytes | None]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []
        self.connections = 0
        self.go_on = asyncio.Event()
        """Waited for before each piece but the first."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                self.asked.append(head.decode())
                for number, piece in enumerate(self.answers.pop(0)):
                    if number:
                        await self.go_on.wait()
                    if piece is None:
                        return
                    writer.write(piece)
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()


@asynccontextmanager
async def calling(server: Server, patience: float = 30.0, most: int = 100) -> AsyncIterator[HttpCalls]:
    """Calls of a server that runs for as long as the block."""
    running = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    port = running.sockets[0].getsockname()[1]
    calls = HttpCalls(f"http://127.0.0.1:{port}/base/", "drive", patience, most)
    try:
        yield calls
    finally:
        await calls.close()
        running.close()


async def got(calls: HttpCalls, target: str = "/it") -> tuple[int, bytes]:
    """Status and body of a GET."""
    async with calls.call("GET", target, {"x-one": "1"}, name="get") as answer:
        return answer.status, await answer.whole()


async def test_connections_are_kept_and_used_again() -> None:
    """Two calls one after the other go over one connection, with what was given and no more."""
    server = Server([WHOLE], [b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"])
    async with calling(server) as calls:
        assert await got(calls, "/a?b=c") == (200, b"whole")
        assert await got(calls) == (404, b"")
    assert server.connections == 1
    host = f"127.0.0.1:{calls._port}"
    assert server.asked[0] == f"GET /base/a?b=c HTTP/1.1\r\nhost: {host}\r\nx-one: 1\r\n\r\n"


async def test_an_answer_that_nobody_read_is_not_the_next_ones() -> None:
    """A refusal whose words were of no interest: the next call gets its own, over another connection."""
    server = Server([b"HTTP/1.1 404 Not Found\r\ncontent-length: 6\r\n\r\nsecret"], [WHOLE])
    async with calling(server) as calls:
        async with calls.call("GET", "/", {}, name="get") as answer:
            assert answer.status == 404
        assert await got(calls) == (200, b"whole")
    assert server.connections == 2


async def test_at_the_same_time_each_call_has_its_own() -> None:
    """Three at once over three connections; where two are allowed, over two."""
    for most, connections in ((100, 3), (2, 2)):
        server = Server([WHOLE], [WHOLE], [WHOLE])
        async with calling(server, most=most) as calls:
            assert await asyncio.gather(*(got(calls) for _ in range(3))) == [(200, b"whole")] * 3
        assert server.connections == connections


async def test_pieces_are_handed_on_as_they_come() -> None:
    """The first piece is read before the second is sent; a provisional answer is passed over."""
    head = b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    server = Server([head + b"3\r\none\r\n", b"3\r\ntwo\r\n0\r\n\r\n"])
    async with calling(server) as calls, calls.call("POST", "/", {}, b"{}", name="post") as answer:
        pieces = answer.pieces()
        assert await anext(pieces) == b"one"
        server.go_on.set()
        assert [one async for one in pieces] == [b"two"]
    assert "content-length: 2\r\n" in server.asked[0]


@pytest.mark.parametrize(
    "answer",
    [
        [None],
        [b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwh", None],
        [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nwh\r\n", None],
        [b"HTTP/1.1 200 OK\r\n\r\nwho knows", None],
        [b"SSH-2.0-OpenSSH\r\n\r\n"],
    ],
)
async def test_an_answer_that_does_not_come_whole_is_an_error(answer: Sequence[bytes | None]) -> None:
    """Hung up before it, within it, without saying how long it is; or it is no HTTP. The next call works."""
    server = Server(answer, [WHOLE])
    server.go_on.set()
    async with calling(server) as calls:
        with pytest.raises(OSError, match="broke"):
            await got(calls)
        assert await got(calls) == (200, b"whole")


async def test_silence_ends_after_the_timeout() -> None:
    """Before the head, and within the body; what comes in time begins the time anew."""
    for first in ([b""], [b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nw", b"hole"]):
        server = Server(first)
        async with calling(server, patience=0.05) as calls:
            with pytest.raises(TimeoutError):
                await got(calls)
            server.go_on.set()


@pytest.mark.parametrize("more", [b"\r\nconnection: close", b"\r\nx: y"])
async def test_a_connection_that_was_closed_is_not_used_again(more: bytes) -> None:
    """Closed by its own word, or hung up while nobody used it."""
    last = [WHOLE.replace(b" OK", b" OK" + more), None]
    server = Server(last, [WHOLE])
    server.go_on.set()
    async with calling(server) as calls:
        assert await got(calls) == (200, b"whole")
        while calls._idle and calls._idle[0].free():
            await asyncio.sleep(0)
        assert await got(calls) == (200, b"whole")
    assert server.connections == 2


async def test_whoever_stops_reading_hangs_up() -> None:
    """The rest of an answer is not waited for, and its connection is not used again."""
    server = Server([b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nw", b"hole"], [WHOLE])
    async with calling(server) as calls:
        async with calls.call("GET", "/", {}, name="get") as answer:
            assert await anext(answer.pieces()) == b"w"
        assert await got(calls) == (200, b"whole")
        server.go_on.set()
    assert server.connections == 2


async def test_a_large_answer_waits_for_its_reader() -> None:
    """No more of it is held than a little, whatever the server sends; it comes whole."""
    body = b"x" * 20_000_000
    server = Server([b"HTTP/1.1 200 OK\r\ncontent-length: 20000000\r\n\r\n" + body])
    async with calling(server) as calls, calls.call("GET", "/", {}, name="get") as answer:
        connection = answer._connection
        while not connection._paused:
            await asyncio.sleep(0)
        assert connection._held < 1_000_000
        assert await answer.whole() == body


async def test_nothing_can_be_slipped_into_a_request() -> None:
    """A line break in a header or an address is refused before anything is sent."""
    server = Server()
    async with calling(server) as calls:
        for target, headers in (("/", {"x": "1\r\nx-two: 2"}), ("/\n", {}), ("/ HTTP/1.1\r\nx: y", {})):
            with pytest.raises(ValueError, match="line break"):
                async with calls.call("GET", target, headers, name="get"):
                    pass
    assert server.connections == 0


async def test_only_a_host_that_proves_its_name_is_called(tmp_path: Path) -> None:
    """With TLS: a certificate that nobody trusts ends the call; one that is trusted is good for its name."""
    certificate = tmp_path / "certificate.pem"
    certificate.write_bytes(self_signed("127.0.0.1"))
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    running = await asyncio.start_server(Server([WHOLE]).serve, "127.0.0.1", 0, ssl=tls)
    port = running.sockets[0].getsockname()[1]
    calls = HttpCalls(f"https://127.0.0.1:{port}", "drive", 30.0)
    with pytest.raises(ssl.SSLCertVerificationError):
        await got(calls)
    calls._context = ssl.create_default_context(cafile=certificate)
    assert await got(calls) == (200, b"whole")
    await calls.close()
    calls._host = "localhost"
    with pytest.raises(ssl.SSLCertVerificationError, match="localhost"):
        await got(calls)
    running.close()
    await running.wait_closed()


def self_signed(address: str) -> bytes:
    """A key and a certificate for an address, by nobody else's word."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=True)
        .sign(key, hashes.SHA256())
    )
    encoded = Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    return key.private_bytes(*encoded) + made.public_bytes(Encoding.PEM)


async def test_a_call_is_a_span_with_how_it_ended() -> None:
    """Of the service, told to it; a refusal by its status, a failure by its kind."""
    server = Server([WHOLE], [b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n"], [None])
    trace = spans.begin("test", "0" * 31 + "1")
    async with calling(server) as calls:
        await got(calls)
        await got(calls)
        with pytest.raises(ConnectionResetError):
            await got(calls)
    spans.forget()
    assert [(one.name, one.status) for one in trace.calls] == [
        ("drive/get", ""), ("drive/get", "503"), ("drive/get", "ConnectionResetError"),
    ]  # fmt: skip
    assert all(one.ended for one in trace.calls)
