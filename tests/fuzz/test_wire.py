"""What strangers and services send: cookies, tokens, addresses, cursors, queries of Drive, events."""

import asyncio
import base64
import json
import re
from collections.abc import AsyncIterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as some
from starlette.requests import HTTPConnection

from functions.chat.cursors import cursor, parts
from local.commands.events import read_events
from local.drive.errors import ApiError
from local.drive.query import parse_query
from shared.errors import Invalid
from shared.identity import refresh_tokens
from shared.identity.interfaces import BadToken
from shared.identity.keyring import SigningKeys
from shared.identity.return_paths import safe_return
from shared.identity.tokens import TokenSigner, TokenVerifier
from shared.web.client_address import address_bucket, place
from shared.web.guard import session_cookie
from shared.web.sse import Event
from tests.fakes.identity import HOME, FakeSecrets, Ticker, signing_secret
from tests.fuzz.effort import effort

KEYS = SigningKeys(FakeSecrets(signing=signing_secret("k1")), "signing")
GOOD = asyncio.run(TokenSigner(KEYS, HOME, Ticker()).access("123", "s1", 600))
ANY = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats(allow_nan=False) | some.text(),
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.text(), inner, max_size=4),
    max_leaves=10,
)
HEADER = some.text(some.characters(min_codepoint=1, max_codepoint=255), max_size=300)
TOKENISH = some.lists(
    some.sampled_from([*GOOD.split("."), ".", "..", "=", "eyJhbGciOiJub25lIn0", "e30", "\u0000", "~"])
    | some.text(max_size=12),
    max_size=8,
).map("".join)
ASKED = (
    *(
        "name",
        "fullText",
        "mimeType",
        "parents",
        "trashed",
        "modifiedTime",
        "properties",
        "visibility",
        "key",
    ),
    *("in", "not", "and", "or", "contains", "has", "value", "=", "!=", "<", ">=", "(", ")", "{", "}", "true"),
    *("'2024-01-01T00:00:00'", "'it\\'s'", "'", "\\"),
)
DRIVE_QUERY = some.lists(some.sampled_from(ASKED) | some.text(max_size=6), max_size=14).map(" ".join)


def encoded(values: list[Any]) -> str:
    """Values as a cursor packs them."""
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()


def connection(**headers: str) -> HTTPConnection:
    """A connection with these headers, from a proxy of ours."""
    raw = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    return HTTPConnection({"type": "http", "headers": raw, "client": ("10.0.0.1", 1)})


@effort
@given(data=ANY, name=some.sampled_from(["meta", "token", "done"]))
def test_an_event_is_read_as_it_was_written(data: Any, name: str) -> None:
    """Whatever an answer holds, line breaks of all kinds too: one event, with the same data."""
    text = Event(name, data).encoded().decode()

    async def lines() -> AsyncIterator[str]:
        for line in re.split(r"\r\n|\r|\n", text):  # what ends a line of a stream, and nothing else does
            yield line

    async def read() -> list[tuple[str, Any]]:
        return [event async for event in read_events(lines())]

    assert asyncio.run(read()) == [(name, json.loads(json.dumps(data)))]


@effort
@given(token=TOKENISH)
def test_no_token_but_ours_is_believed(token: str) -> None:
    """Anything else is BadToken, whatever it is made of."""
    verifier = TokenVerifier(KEYS, HOME, Ticker())
    for check in (verifier.access, verifier.login):
        try:
            found = asyncio.run(check(token))  # type: ignore[arg-type]
        except BadToken:
            continue
        assert (token, found.subject) == (GOOD, "123")
    try:
        session, secret = refresh_tokens.parts_of(token)
    except BadToken:
        return
    assert refresh_tokens.token_of(session, secret) == token


@effort
@given(
    header=HEADER
    | TOKENISH.map(lambda one: f"__session={one.encode('ascii', 'ignore').decode()}; __session=x")
)
def test_a_cookie_header_is_a_session_or_nothing(header: str) -> None:
    """However it is written; what is found stands in it."""
    found = session_cookie(connection(cookie=header))
    assert not found or found in header


@effort
@given(told=HEADER, hops=some.integers(0, 4), header=HEADER)
def test_an_address_is_a_bucket(told: str, hops: int, header: str) -> None:
    """An address, a network or "unknown"; and a place is a short line."""
    request = connection(x_forwarded_for=told, x_place=header)
    assert re.fullmatch(r"unknown|[0-9.]+|[0-9a-f:]+/64", address_bucket(request, hops))
    assert len(place(request, hops, "x-place")) <= 60
    assert "\n" not in place(request, hops, "x-place")


@effort
@given(
    target=some.text(max_size=60)
    | some.lists(some.sampled_from(["/", "\\", "%2f", "%5c", "//", "..", "@", "a"])).map("".join)
)
def test_a_browser_is_sent_to_a_path_of_ours(target: str) -> None:
    """To nowhere else, in whatever way it is spelled."""
    found = safe_return(target)
    assert found in ("/", target)
    assert found.startswith("/")
    assert not found.startswith(("//", "/\\"))


@effort
@given(
    text=some.text(max_size=80) | some.lists(ANY, max_size=3).map(encoded),
    place=some.tuples(some.text(), some.integers()),
)
def test_a_cursor_is_ours_or_refused(text: str, place: tuple[str, int]) -> None:
    """What was made is read again; anything else is Invalid, in one sentence."""
    assert list(parts(cursor(*place), (str, int))) == list(place)
    try:
        found = parts(text, (str, int))
    except Invalid:
        return
    assert [type(one) for one in found] == [str, int]


@effort
@given(query=DRIVE_QUERY | some.text(max_size=60))
def test_a_query_of_drive_is_understood_or_refused(query: str) -> None:
    """With Google's 400; never with anything else."""
    status = 200
    try:
        parse_query(query)
    except ApiError as refused:
        status = refused.status
    assert status in (200, 400)
