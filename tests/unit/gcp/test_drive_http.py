"""GETs of files on kept connections."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, ClassVar

import pytest
from googleapiclient.errors import HttpError

from shared.gcp.drive_http import BrokenOff, DriveHttp, JsonGet, pieces, told_to


class Drive(BaseHTTPRequestHandler):
    """Answers as its path says, and notes who asked with what."""

    protocol_version = "HTTP/1.1"
    asked: ClassVar[list[tuple[str, int, str]]] = []

    def do_GET(self) -> None:
        """One answer."""
        token = self.headers.get("authorization", "")
        self.asked.append((self.path, self.client_address[1], token))
        if self.path == "/moved":
            self._answer(302, location="http://localhost/json")
        elif self.path == "/round":
            self._answer(302, location="/round")
        elif self.path == "/token" and token != "Bearer new":
            self._answer(401)
        elif self.path == "/refused":
            self._answer(429, b'{"error": {"message": "slowly"}}', retry_after="3")
        else:
            self._answer(200, b'{"a": 1}')
        self.close_connection = self.path in ("/closing", "/short")

    def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("content-length", str(len(body) + (self.path == "/short")))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Print nothing."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a Drive."""
    made = ThreadingHTTPServer(("127.0.0.1", 0), Drive)
    made.daemon_threads = True
    thread = Thread(target=made.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{made.server_port}"
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture
def http() -> Iterator[DriveHttp]:
    """What is tested; the token "old" is what there is until it is refused."""
    Drive.asked.clear()
    made = DriveHttp(lambda refused: "new" if refused == "old" else "old", 5)
    yield made
    made.close()


def got(http: DriveHttp, url: str) -> Any:
    """The JSON there."""
    return JsonGet(http, "files.get", url, {}).execute()


def test_a_connection_is_kept(http: DriveHttp, server: str) -> None:
    """What is asked one after the other goes over one connection."""
    assert [got(http, f"{server}/json?{n}") for n in range(3)] == [{"a": 1}] * 3
    assert len({port for _, port, _ in Drive.asked}) == 1


def test_a_connection_that_was_closed_is_made_anew(http: DriveHttp, server: str) -> None:
    """A server that closes what it was to keep is asked again, once."""
    assert [got(http, f"{server}/closing") for _ in range(3)] == [{"a": 1}] * 3
    assert len({port for _, port, _ in Drive.asked}) == 3


def test_a_body_that_was_not_read_ends_the_connection(http: DriveHttp, server: str) -> None:
    """The next answer is not taken for the rest of that one."""
    with http.get(f"{server}/json", {}) as answer:
        assert answer.read(2) == b'{"'
    assert got(http, f"{server}/json") == {"a": 1}


def test_a_refused_token_is_renewed_once(http: DriveHttp, server: str) -> None:
    """A token that Drive does not take any more costs one request."""
    assert got(http, f"{server}/token") == {"a": 1}
    assert [token for _, _, token in Drive.asked] == ["Bearer old", "Bearer new"]


def test_no_other_host_gets_the_token(http: DriveHttp, server: str) -> None:
    """Nor is one followed to at all without TLS, nor for ever."""
    with pytest.raises(BrokenOff):
        got(http, f"{server}/moved")
    with pytest.raises(BrokenOff):
        got(http, f"{server}/round")
    assert [path for path, _, _ in Drive.asked] == ["/moved", *["/round"] * 6]


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://drive.example/b", {"Range": "bytes=5-", "X-Key": "k", "Authorization": "Bearer t"}),
        ("https://files.example/b", {"Range": "bytes=5-"}),
        ("https://drive.example:444/b", {"Range": "bytes=5-"}),
        ("http://drive.example/b", None),
        ("http://files.example/b", None),
    ],
)
def test_what_the_host_that_is_led_to_is_told(url: str, told: dict[str, str] | None) -> None:
    """Only the host that was asked gets token and keys; one without TLS is not asked."""
    assert told_to(url, "https://drive.example/a", {"Range": "bytes=5-", "X-Key": "k"}, "t") == told


def test_half_a_body_is_no_answer(http: DriveHttp, server: str) -> None:
    """A body that is shorter than was said raises, after what there was of it."""
    with http.get(f"{server}/short", {}) as answer:
        came = pieces(answer)
        assert next(came) == b'{"a": 1}'
        with pytest.raises(BrokenOff):
            next(came)


def test_nobody_there_is_no_answer(http: DriveHttp) -> None:
    """Port 9 of this machine answers nobody."""
    with pytest.raises(BrokenOff):
        got(http, "http://127.0.0.1:9/json")


def test_a_refusal_is_googles_error(http: DriveHttp, server: str) -> None:
    """With its status, what it says, and how long to wait."""
    with pytest.raises(HttpError) as refused:
        got(http, f"{server}/refused")
    assert (refused.value.resp.status, refused.value.resp["retry-after"]) == (429, "3")
    assert refused.value.reason == "slowly"
