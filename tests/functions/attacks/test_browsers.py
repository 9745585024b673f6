"""Attacks through a victim's own browser: other sites' requests, other origins' scripts, tossed cookies."""

from collections.abc import Mapping

import pytest

from tests.functions.attacks.verdict import DONE, NOT_ALLOWED, SIGN_IN_FIRST, verdict_on
from tests.functions.running import COOKIE, FUNCTIONS, HOME, Running, SignedIn, cookie_of

PARTNER = "https://app.example.com"
"""The one other origin that CORS_ORIGINS names."""
FOREIGN = [
    "https://evil.example",
    "null",
    "",
    "http://docent.example.com",
    "https://docent.example.com:8443",
    "https://docent.example.com:443",
    "https://docent.example.com/",
    "https://docent.example.com.",
    "https://docent.example.com.evil.example",
    "https://evil.example/https://docent.example.com",
    "https://docent.example.com@evil.example",
    "https://evildocent.example.com",
    "https://x.docent.example.com",
    "https://example.com",
    "HTTPS://DOCENT.EXAMPLE.COM",
    "docent.example.com",
    "//docent.example.com",
    "*",
    "https://*",
    f"{HOME} https://evil.example",
    f"https://evil.example {HOME}",
    f"{HOME}, https://evil.example",
    "http://app.example.com",
    "https://app.example.com.evil.example",
    "file://",
    "chrome-extension://abc",
    "http://127.0.0.1",
    "http://localhost:3000",
]
FORGED_REQUESTS: list[tuple[str, Mapping[str, str]]] = [
    *((f"Origin {origin!r}", {"origin": origin}) for origin in FOREIGN),
    ("no header that tells", {}),
    ("a Referer of ours alone", {"referer": f"{HOME}/ask"}),
    ("Sec-Fetch-Site cross-site", {"sec-fetch-site": "cross-site"}),
    ("Sec-Fetch-Site same-site", {"sec-fetch-site": "same-site"}),
    ("Sec-Fetch-Site empty", {"sec-fetch-site": ""}),
    ("Sec-Fetch-Site in capitals", {"sec-fetch-site": "SAME-ORIGIN"}),
    ("Sec-Fetch-Site twice in one", {"sec-fetch-site": "same-origin, cross-site"}),
    (
        "another Origin beside same-origin",
        {"origin": "https://evil.example", "sec-fetch-site": "same-origin"},
    ),
    ("no Origin from a sandbox", {"origin": "null", "sec-fetch-site": "cross-site"}),
    ("an empty bearer token", {"authorization": "Bearer"}),
    ("a Basic password", {"authorization": "Basic eDp5"}),
    ("a method in a header", {"x-http-method-override": "GET"}),
    ("X-Requested-With alone", {"x-requested-with": "XMLHttpRequest"}),
]
UNSAFE = [
    ("auth", "POST", "/auth/logout"),
    ("auth", "POST", "/auth/refresh"),
    ("auth", "DELETE", "/auth/sessions"),
    ("chat", "POST", "/chat"),
    ("ingest", "POST", "/ingest/sync"),
]


@pytest.mark.parametrize(
    "headers", [headers for _, headers in FORGED_REQUESTS], ids=[name for name, _ in FORGED_REQUESTS]
)
def test_another_site_cannot_act_through_a_cookie(
    docent: Running, admin: SignedIn, headers: dict[str, str]
) -> None:
    """403 not-allowed, each case on two routes in turn; nothing has happened: session and cookie live on."""
    turn = [headers for _, headers in FORGED_REQUESTS].index(headers)
    for function, method, path in (UNSAFE[turn % len(UNSAFE)], UNSAFE[(turn + 2) % len(UNSAFE)]):
        sent = {**admin.cookie, "content-type": "text/plain", **headers}
        # a renewal with a body is another thing: its token comes from the body, and no cookie counts
        body = b"" if path == "/auth/refresh" else b'{"message": "x"}'
        answer = docent.send(function, path, method, headers=sent, content=body)
        assert verdict_on(answer) == NOT_ALLOWED
        assert "set-cookie" not in answer.headers
    assert docent.send("auth", "/auth/user", headers=admin.cookie).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": HOME},
        {"origin": PARTNER},
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        {"origin": HOME, "sec-fetch-site": "same-origin"},
    ],
    ids=str,
)
def test_our_own_pages_can(docent: Running, alice: SignedIn, headers: dict[str, str]) -> None:
    """The control: 204, and signed out."""
    answer = docent.send("auth", "/auth/logout", "POST", headers={**alice.cookie, **headers})
    assert verdict_on(answer) == DONE


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "TRACE"])
def test_signing_out_is_not_done_by_a_link(docent: Running, alice: SignedIn, method: str) -> None:
    """No other method of that address ends a session, as an image or a prefetch would try."""
    assert docent.send("auth", "/auth/logout", method, headers=alice.cookie).status_code >= 400
    assert docent.send("auth", "/auth/user", headers=alice.cookie).status_code == 200


@pytest.mark.parametrize("origin", FOREIGN)
def test_another_origins_scripts_read_nothing(docent: Running, admin: SignedIn, origin: str) -> None:
    """No Access-Control-Allow-Origin for it, on a preflight, an answer or a refusal."""
    asks = {"origin": origin, "access-control-request-method": "POST"}
    name, path = list(FUNCTIONS.items())[FOREIGN.index(origin) % len(FUNCTIONS)]
    for answer in (
        docent.send(name, path, "OPTIONS", headers=asks),
        docent.send(name, path, headers={**admin.cookie, "origin": origin}),
        docent.send(name, "/no/such/path", headers={"origin": origin}),
    ):
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("origin", [HOME, PARTNER])
def test_the_origins_on_the_list_read_with_credentials(docent: Running, admin: SignedIn, origin: str) -> None:
    """The control: each by its own name and never by a star; caches are told to keep them apart."""
    asks = {"origin": origin, "access-control-request-method": "DELETE"}
    for name, path in FUNCTIONS.items():
        for answer in (
            docent.send(name, path, "OPTIONS", headers=asks),
            docent.send(name, path, headers={**admin.cookie, "origin": origin}),
        ):
            assert answer.status_code == 200
            assert answer.headers["access-control-allow-origin"] == origin
            assert answer.headers["access-control-allow-credentials"] == "true"
            assert "origin" in answer.headers["vary"].lower()


PROXIED = [
    {},
    {"x-forwarded-proto": "http"},
    {"x-forwarded-proto": "http,https"},
    {"forwarded": "proto=http"},
    {"x-forwarded-ssl": "off"},
    {"host": "127.0.0.1"},
    {"x-forwarded-host": "evil.example"},
]


@pytest.mark.parametrize("headers", PROXIED, ids=str)
def test_no_cookie_ever_travels_in_clear(docent: Running, headers: dict[str, str]) -> None:
    """Secure, HttpOnly, Lax, for the whole site and this host alone, whatever a proxy says of the scheme."""
    session = docent.sign_in()
    sent = {**session.cookie, **headers, "origin": HOME}
    answers = [
        docent.send("auth", "/auth/login", headers=headers),
        docent.send("auth", "/auth/refresh", "POST", headers=sent),
        docent.send("auth", "/auth/logout", "POST", headers=sent),
    ]
    for answer in answers:
        cookie = cookie_of(answer)
        assert (cookie["secure"], cookie["httponly"]) == (True, True)
        assert (cookie["samesite"].lower(), cookie["path"], cookie["domain"]) == ("lax", "/", "")
        assert len(answer.headers.get_list("set-cookie")) == 1
        assert answer.headers["strict-transport-security"].startswith("max-age=63072000")


def tossed(docent: Running, admin: SignedIn, alice: SignedIn) -> list[tuple[str, str, int]]:
    """Cookie headers with a second `__session` from a neighbouring site, and what must come of them."""
    theirs, ours = f"{admin.access}~{admin.refresh}", f"{alice.access}~{alice.refresh}"
    begun = cookie_of(docent.visit()).value
    return [
        ("the same twice", f"{COOKIE}={ours}; {COOKIE}={ours}", 200),
        ("another session after ours", f"{COOKIE}={ours}; {COOKIE}={theirs}", 401),
        ("another session before ours", f"{COOKIE}={theirs}; {COOKIE}={ours}", 401),
        ("three", f"{COOKIE}={theirs}; {COOKIE}={ours}; {COOKIE}={theirs}", 401),
        ("a sign-in after ours", f"{COOKIE}={ours}; {COOKIE}={begun}", 401),
        ("another program's after ours", f"{COOKIE}={ours}; {COOKIE}=theirs", 200),
        ("another program's before ours", f"{COOKIE}=theirs; {COOKIE}={ours}", 200),
        ("an empty one after ours", f"{COOKIE}={ours}; {COOKIE}=", 200),
        ("a name alike after ours", f"{COOKIE}={ours}; {COOKIE}x={theirs}", 200),
        ("a name in capitals after ours", f"{COOKIE}={ours}; {COOKIE.upper()}={theirs}", 200),
        ("ours inside another's value", f"x={COOKIE}={ours}", 401),
        ("a kilobyte of others", f"x={'y' * 1024}; {COOKIE}={ours}", 200),
    ]


def test_a_tossed_cookie_signs_nobody_in_as_somebody_else(
    docent: Running, admin: SignedIn, alice: SignedIn
) -> None:
    """Two sessions in one request are nobody's; another program's cookie of that name is no hindrance."""
    for name, header, status in tossed(docent, admin, alice):
        for function, path in (("auth", "/auth/user"), ("chat", "/collections")):
            answer = docent.send(function, path, headers={"cookie": header})
            assert (name, answer.status_code) == (name, status)
            if function == "auth" and status == 200:
                assert answer.json()["email"] == "alice@example.com"


def test_a_tossed_cookie_is_not_renewed_in_place_of_ours(
    docent: Running, admin: SignedIn, alice: SignedIn
) -> None:
    """401 not-signed-in: or the answer would put the other's session where ours is."""
    both = f"{COOKIE}={alice.access}~{alice.refresh}; {COOKIE}={admin.access}~{admin.refresh}"
    answer = docent.send("auth", "/auth/refresh", "POST", headers={"cookie": both, "origin": HOME})
    assert verdict_on(answer) == SIGN_IN_FIRST
    assert docent.send("auth", "/auth/user", headers=admin.cookie).status_code == 200


@pytest.mark.parametrize(
    "path", ["/auth/user", "/auth/jwks", "/auth/login", "/auth/callback", "/no/such/path"]
)
def test_every_answer_carries_the_headers_that_protect_a_browser(docent: Running, path: str) -> None:
    """HSTS, nosniff, no framing, no unsafe-inline, no referrer, no powers; API answers are not kept."""
    answer = docent.send("auth", path)
    policy = answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "camera=()" in answer.headers["permissions-policy"]
    assert "max-age=63072000" in answer.headers["strict-transport-security"]
    assert path == "/auth/jwks" or answer.headers["cache-control"] == "no-store"
