"""After signing in, nobody is sent anywhere but to a page of ours."""

import pytest

from shared.identity.return_paths import safe_return

HOSTILE = [
    "https://evil.example",
    "http:evil.example",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "\\/evil.example",
    "/%5Cevil.example",
    "/%5cevil.example/%2e%2e",
    "/%2Fevil.example",
    "/%252Fevil.example",
    "/%25252Fevil.example",
    "%2F%2Fevil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/%09/evil.example",
    "/%0d%0aLocation:%20https://evil.example",
    "/\r\nSet-Cookie: a=b",
    "/..//evil.example",
    "/.//evil.example",
    "/a/../..//evil.example",
    "/%2e%2e/%2fevil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    " //evil.example",
    "\u2028//evil.example",
    "/\u2028/evil.example",
    "/%E2%80%A8/evil.example",
    "/\x00/evil.example",
    "@evil.example",
    ".evil.example",
    "?next=//evil.example",
    "/\ufeff/evil.example",
    "/%ff%fe",
    "/" + "a" * 3000,
    "",
    "/auth/login",
    "/auth/callback?code=x",
    "/%61uth/logout",
]


@pytest.mark.parametrize("target", HOSTILE)
def test_anything_but_a_path_of_ours_leads_home(target: str) -> None:
    """No spelling of another host, scheme or header gets through, decoded as often as a browser might."""
    assert safe_return(target) == "/"


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/conversations/abc-123",
        "/?q=what%20is%20it",
        "/files/x?page=2#p2",
        "/search?q=a+b&c=%C3%A9",
        "/?link=https://example.com/a",
        "/caf%C3%A9",
    ],
)
def test_a_path_of_ours_is_kept_as_it_is(target: str) -> None:
    """Paths, queries and fragments of our own come back unchanged."""
    assert safe_return(target) == target
