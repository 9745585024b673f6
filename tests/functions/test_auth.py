"""The auth function over HTTP, with stateful fakes behind it."""

from collections.abc import AsyncIterator
from typing import Any

import jwt
import pytest

from shared.errors import Unavailable
from tests.fakes.auth_house import House, access_token_of, cookie_of
from tests.fakes.identity import (
    HOME,
)


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the guard reads."""
    monkeypatch.setenv("AUTH_JWKS_URL", f"{HOME}/auth/jwks")
    monkeypatch.setenv("FRONTEND_URL", HOME)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """A function that admits example.com."""
    built = House()
    async with built.browser:
        yield built


async def test_signing_in_from_end_to_end(house: House) -> None:
    """Google's page, back, home with a cookie; then the browser is somebody."""
    answer = await house.sign_in()
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{HOME}/ask"
    who = await house.browser.get("/auth/user")
    assert who.json() == {
        "subject": "1234567890",
        "email": "alice@example.com",
        "name": "Alice",
        "domain": "example.com",
        "admin": False,
        "tier": "standard",
        "drive_grant": "live",
    }


async def test_the_cookies_are_out_of_reach(house: House) -> None:
    """HttpOnly, Secure, Lax, for the whole site and this host alone, before and after signing in."""
    login = await house.browser.get("/auth/login")
    for answer, lifetime in ((login, "600"), (await house.sign_in(), str(30 * 86400))):
        cookie = cookie_of(answer)
        assert cookie["httponly"] is True
        assert cookie["secure"] is True
        assert cookie["samesite"].lower() == "lax"
        assert (cookie["path"], cookie["domain"], cookie["max-age"]) == ("/", "", lifetime)


async def test_on_a_laptop_the_cookie_works_without_tls() -> None:
    """Over plain http the cookie is not marked Secure, or the browser would drop it."""
    laptop = House("http://127.0.0.1:8080")
    async with laptop.browser:
        answer = await laptop.sign_in()
        assert not cookie_of(answer)["secure"]
        assert (await laptop.browser.get("/auth/user")).status_code == 200


async def test_the_cookies_value_is_a_bearer_token(house: House) -> None:
    """What a browser holds, a script may send."""
    token = cookie_of(await house.sign_in()).value
    house.browser.cookies.clear()
    answer = await house.browser.get("/auth/user", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 200


async def test_a_stranger_is_told_to_sign_in(house: House) -> None:
    """401 problem+json wherever a person is needed; a pre-login cookie is not a session."""
    for _ in range(2):
        for method, path in (("GET", "/auth/user"), ("POST", "/auth/logout"), ("GET", "/auth/sessions")):
            answer = await house.browser.request(method, path)
            assert answer.status_code == 401
            assert answer.headers["content-type"] == "application/problem+json"
        await house.browser.get("/auth/login")


async def test_signing_out_is_felt_by_the_next_request(house: House) -> None:
    """204, the cookie is gone, and the token that was in it admits nobody any more."""
    token = cookie_of(await house.sign_in()).value
    answer = await house.browser.post("/auth/logout")
    assert answer.status_code == 204
    assert cookie_of(answer)["max-age"] == "0"
    answer = await house.browser.get("/auth/user", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": HOME + ".evil.example"},
        {"origin": HOME.replace("https", "http")},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": ""},
    ],
)
async def test_another_site_cannot_sign_a_person_out(house: House, headers: dict[str, str]) -> None:
    """CSRF: with a cookie, an unsafe method must come from a page of ours."""
    await house.sign_in()
    assert (await house.browser.post("/auth/logout", headers=headers)).status_code == 403
    assert (await house.browser.get("/auth/user")).status_code == 200


async def test_a_browser_renews_its_session_by_the_cookie(house: House) -> None:
    """After a week the access token has ended; one POST later the browser is somebody again."""
    await house.sign_in()
    house.clock.now += 3600
    assert (await house.browser.get("/auth/user")).status_code == 401
    answer = await house.browser.post("/auth/refresh")
    assert (answer.status_code, answer.text) == (204, "")
    assert cookie_of(answer)["httponly"] is True
    assert (await house.browser.get("/auth/user")).status_code == 200


async def test_twenty_tabs_renew_at_once_and_all_stay_signed_in(house: House) -> None:
    """Whichever answer the browser keeps, it works, now and at the next renewal."""
    import asyncio

    await house.sign_in()
    house.store.renewals_collide = True
    cookie = house.browser.cookies["__session"]
    answers = await asyncio.gather(*(house.browser.post("/auth/refresh") for _ in range(20)))
    for answer in answers:
        assert answer.status_code == 204
        house.browser.cookies.set("__session", cookie_of(answer).value, domain="docent.example.com")
        assert (await house.browser.get("/auth/user")).status_code == 200
    assert cookie not in {cookie_of(answer).value for answer in answers}
    assert (await house.browser.post("/auth/refresh")).status_code == 204


async def test_a_stolen_cookie_dies_with_its_family(house: House) -> None:
    """Thief and owner both renew: the second of them ends the session, and is told to sign in again."""
    await house.sign_in()
    stolen = house.browser.cookies["__session"]
    await house.browser.post("/auth/refresh")
    house.clock.now += 60
    owner = house.browser.cookies["__session"]
    house.browser.cookies.clear()
    answer = await house.browser.post("/auth/refresh", headers={"cookie": f"__session={stolen}"})
    assert answer.status_code == 401
    assert cookie_of(answer)["max-age"] == "0"
    for method, path in (("GET", "/auth/user"), ("POST", "/auth/refresh")):
        answer = await house.browser.request(method, path, headers={"cookie": f"__session={owner}"})
        assert answer.status_code == 401


async def test_a_client_without_cookies_renews_by_the_body(house: House) -> None:
    """The tokens come back as JSON, and none as a cookie."""
    refresh_token = cookie_of(await house.sign_in()).value.partition("~")[2]
    house.browser.cookies.clear()
    answer = await house.browser.post("/auth/refresh", json={"refresh_token": refresh_token})
    assert "set-cookie" not in answer.headers
    tokens = answer.json()
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 3600)
    bearer = {"authorization": f"Bearer {tokens['access_token']}"}
    assert (await house.browser.get("/auth/user", headers=bearer)).status_code == 200
    again = await house.browser.post("/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
    assert again.status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 422),
        (b'{"refresh_token": 7}', 422),
        (b'{"refresh_token": "x", "more": 1}', 422),
        (b'{"refresh_token": "' + b"x" * 300 + b'"}', 422),
        (b'{"refresh_token": "x"}', 401),
        (b"{}", 401),
        (b"", 401),
        (b"x" * 70_000, 413),
    ],
)
async def test_a_renewal_with_nothing_to_renew_is_refused(house: House, body: bytes, status: int) -> None:
    """Each with a clear 4xx."""
    assert (await house.browser.post("/auth/refresh", content=body)).status_code == status


async def test_another_site_cannot_renew_a_session(house: House) -> None:
    """The cookie travels by itself; the page it comes from has to be ours."""
    await house.sign_in()
    answer = await house.browser.post("/auth/refresh", headers={"origin": "https://evil.example"})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_access_and_refresh_tokens_are_not_interchangeable(house: House) -> None:
    """A refresh token opens nothing by itself; an access token renews nothing."""
    access, _, refresh_token = cookie_of(await house.sign_in()).value.partition("~")
    house.browser.cookies.clear()
    bearer = {"authorization": f"Bearer {refresh_token}"}
    assert (await house.browser.get("/auth/user", headers=bearer)).status_code == 401
    answer = await house.browser.post("/auth/refresh", headers={"cookie": f"__session={access}"})
    assert answer.status_code == 401
    body = {"refresh_token": access[:150]}
    assert (await house.browser.post("/auth/refresh", json=body)).status_code == 401


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"state": "A" * 43}, 400, "Begin again"),
        ({"code": "wrong"}, 502, "could not be checked"),
        ({"code": "", "error": "access_denied"}, 403, "without signing in"),
        ({"iss": "https://evil.example"}, 502, "could not be checked"),
    ],
)
async def test_a_failed_sign_in_is_a_page_with_one_way_on(
    house: House, change: dict[str, str], status: int, words: str
) -> None:
    """The right status, a sentence for a person, one link, no script and no session."""
    code = await house.leave()
    answer = await house.come_back(**{"code": code, **change})
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert words in answer.text
    assert answer.text.count("<a ") == 1
    assert "<script" not in answer.text
    assert "set-cookie" not in answer.headers
    assert not house.store.sessions


async def test_the_pages_policy_allows_its_one_style_and_nothing_else(house: House) -> None:
    """No unsafe-inline: the style is named by its hash, and scripts, frames and forms are out."""
    import base64
    import hashlib

    answer = await house.browser.get("/auth/callback")
    style = answer.text.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = answer.headers["content-security-policy"]
    assert f"style-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"


async def test_an_account_of_another_organisation_is_told_which_to_choose(house: House) -> None:
    """403, and the way on is another account."""
    house.provider.claims = {"hd": "other.example"}
    answer = await house.sign_in()
    assert answer.status_code == 403
    assert "Choose another account" in answer.text
    assert not house.store.sessions


async def test_a_callback_opened_again_does_not_look_like_being_signed_out(house: House) -> None:
    """Reload or back button: refused, but the person is told that they are signed in, and still are."""
    code = await house.leave()
    assert (await house.come_back(code)).status_code == 303
    again = await house.come_back(code)
    assert again.status_code == 400
    assert "signed in already" in again.text
    assert len(house.store.sessions) == 1
    assert (await house.browser.get("/auth/user")).status_code == 200


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "/%2Fevil"])
async def test_nobody_is_sent_to_another_host(house: House, target: str) -> None:
    """Neither after success nor by the link on a failure page."""
    answer = await house.come_back(await house.leave(target))
    assert answer.headers["location"] == f"{HOME}/"
    house.provider.failure = Unavailable("down", retry_after=5)
    page = await house.browser.get("/auth/login", params={"return_to": target})
    assert (page.status_code, page.headers["retry-after"]) == (503, "5")
    assert "evil" not in page.text


async def test_what_a_person_sends_is_not_run_on_the_page(house: House) -> None:
    """Markup in parameters comes back escaped or not at all."""
    house.provider.failure = Unavailable("down")
    page = await house.browser.get("/auth/login", params={"return_to": '/"><script>alert(1)</script>'})
    assert "<script" not in page.text
    page = await house.browser.get("/auth/callback", params={"error": "<script>alert(1)</script>"})
    assert "<script" not in page.text


async def test_nobody_is_let_in_while_sessions_cannot_be_read(house: House) -> None:
    """503 with Retry-After for everyone, and recovery without a restart."""
    await house.sign_in()
    house.store.failure = Unavailable("down")
    answer = await house.browser.get("/auth/user")
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    house.store.failure = None
    assert (await house.browser.get("/auth/user")).status_code == 200


async def test_the_list_of_sessions_shows_devices_and_which_one_asks(house: House) -> None:
    """One's own, newest first, by device; another person's are not there."""
    await house.sign_in()
    await house.token(id="old", device="Safari on iPhone")
    await house.token(id="strange", subject="999")
    found = (await house.browser.get("/auth/sessions")).json()["sessions"]
    assert [entry["device"] for entry in found] == ["python-httpx/0.28.1", "Safari on iPhone"]
    assert [entry["current"] for entry in found] == [True, False]


async def test_sessions_are_ended_one_by_one_or_all_others_at_once(house: House) -> None:
    """Ended sessions admit nobody; a stranger's session does not exist; the asking one stays."""
    await house.sign_in()
    tokens = {name: await house.token(id=name) for name in ("a", "b", "c")}
    foreign = await house.token(id="strange", subject="999")
    assert (await house.browser.delete("/auth/sessions/a")).status_code == 204
    assert (await house.browser.delete("/auth/sessions/a")).status_code == 404
    assert (await house.browser.delete("/auth/sessions/strange")).status_code == 404
    assert (await house.browser.delete("/auth/sessions")).json() == {"ended": 2}
    assert (await house.browser.get("/auth/user")).status_code == 200
    house.browser.cookies.clear()
    for token, status in [*((token, 401) for token in tokens.values()), (foreign, 200)]:
        answer = await house.browser.get("/auth/user", headers={"authorization": f"Bearer {token}"})
        assert answer.status_code == status


async def test_an_administrator_ends_anybodys_session(house: House) -> None:
    """And the person's next request is refused."""
    admin = {"authorization": f"Bearer {await house.token(id='boss', subject='1', role='admin')}"}
    token = await house.token(id="a")
    assert (await house.browser.delete("/auth/sessions/a", headers=admin)).status_code == 204
    answer = await house.browser.get("/auth/user", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 401


async def test_the_published_keys_verify_a_session(house: House) -> None:
    """GET /auth/jwks needs no session and may be cached briefly; its key fits the cookie's signature."""
    token = access_token_of(await house.sign_in())
    house.browser.cookies.clear()
    answer = await house.browser.get("/auth/jwks")
    assert "max-age=" in answer.headers["cache-control"]
    key = jwt.PyJWK(answer.json()["keys"][0])
    options: Any = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}
    claims = jwt.decode(token, key.key, algorithms=["ES256"], audience="docent", options=options)
    assert claims["iss"] == HOME
    assert "d" not in answer.json()["keys"][0]


async def test_a_placeholder_secret_is_named(house: House) -> None:
    """A Docent with a placeholder secret signs nobody in, and says which secret it is."""
    house.secrets.values["sealing"] = "changeme"
    page = await house.browser.get("/auth/login")
    assert page.status_code == 500
    assert "sealing" in page.text
    assert "set-cookie" not in page.headers


async def test_an_unknown_address_and_a_wrong_method_are_problems(house: House) -> None:
    """A person hears 404 and 405, as problem+json; a stranger hears only that they are one."""
    assert (await house.browser.get("/auth/nothing")).status_code == 401
    await house.sign_in()
    assert (await house.browser.get("/auth/nothing")).status_code == 404
    assert (await house.browser.post("/auth/login")).status_code == 405
