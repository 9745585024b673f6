"""A log line is one JSON object that Cloud Logging understands, and holds no words of anybody's."""

import json
import logging
from collections.abc import Iterator

import pytest

from shared import log
from shared.errors import Unavailable
from shared.observing import spans

TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture(autouse=True)
def no_request() -> Iterator[None]:
    """Each test begins and ends outside a request."""
    log.unbind_all()
    spans.forget()
    yield
    log.unbind_all()
    spans.forget()


@pytest.fixture
def libraries() -> Iterator[logging.Logger]:
    """A library's logger, while logging is taken over."""
    root = logging.getLogger()
    before = list(root.handlers)
    log.take_over()
    yield logging.getLogger("some.library")
    root.handlers[:] = before


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    """What was printed, which must be one JSON object a line."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_line_joins_its_trace(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Severity, message and time; trace and span under Google's names, within a request only."""
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "docent-test")
    log.get_logger("x").warning("outside")
    trace = spans.begin("GET /x", TRACE)
    log.bind(request_id=TRACE)
    log.get_logger("x").info("inside", count=3)
    outside, inside = lines(capsys)
    assert (outside["severity"], outside["message"], outside["logger"]) == ("WARNING", "outside", "x")
    assert str(outside["time"]).endswith("Z")
    assert "logging.googleapis.com/trace" not in outside
    assert inside["logging.googleapis.com/trace"] == f"projects/docent-test/traces/{TRACE}"
    assert inside["logging.googleapis.com/spanId"] == trace.root.id
    assert inside["count"] == 3
    assert [event for event, _ in trace.events] == ["inside"]


@pytest.mark.parametrize(
    "value",
    [
        "alice@example.com",
        "Alice <alice+x@mail.example.com>",
        "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "Bearer ya29.a0AfH6SMBx-verySecret",
        "1//0gLongRefreshTokenOfGoogles",
        ["nested", {"alice@example.com": "bob@example.com"}],
        ValueError("alice@example.com"),
    ],
)
def test_addresses_and_tokens_are_blotted_out(value: object, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever somebody logs by mistake: nested, in keys, in objects."""
    log.get_logger("x").info("mistake", value=value)
    printed = capsys.readouterr().out
    for secret in ("alice", "bob", "@", "eyJ", "ya29", "1//0"):
        assert secret not in printed.replace("[address]", "").replace("Alice <", "")


def test_an_exception_tells_its_place_and_not_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    """Type and lines of every exception in the chain; words only of our own errors; one line."""
    question = "What does Alice earn?"
    try:
        try:
            raise KeyError(question)  # noqa: TRY301 - it is the test
        except KeyError as error:
            raise Unavailable("Firestore cannot be reached.") from error
    except Unavailable:
        log.get_logger("x").exception("failed")
    (line,) = lines(capsys)
    stack = str(line["stack_trace"])
    assert line["severity"] == "ERROR"
    assert stack.index("KeyError: (its words are not logged)") < stack.index("Unavailable: Firestore cannot")
    assert "test_log.py" in stack
    assert "earn" not in stack.replace("raise KeyError(question)", "")


def test_libraries_say_their_sentence_without_what_they_put_into_it(
    libraries: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    """A template comes without its arguments, of several lines the first, of an exception the type."""
    libraries.warning("Cannot reach %s for %s", "host", "alice@example.com")
    libraries.info("not worth a line")
    try:
        raise ValueError("What does Alice earn?")  # noqa: TRY301 - it is the test
    except ValueError:
        libraries.exception("Task failed\nfuture: <Task exception=ValueError('secret')>")
    warned, failed = lines(capsys)
    assert (warned["message"], warned["severity"]) == ("Cannot reach %s for %s", "WARNING")
    assert (failed["message"], failed["severity"]) == ("Task failed", "ERROR")
    assert "secret" not in json.dumps(failed)
    assert "ValueError: (its words" in str(failed["stack_trace"])
