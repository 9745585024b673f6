"""One's account over HTTP: export, erasure, sign-out everywhere, Firebase; and what administrators do."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from shared.errors import Unavailable
from shared.identity.records import User
from tests.fakes.auth_house import House, cookie_of
from tests.fakes.identity import HOME, NOW

ALICE = "1234567890"


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


async def admin(house: House) -> dict[str, str]:
    """The headers of an administrator."""
    return {"authorization": f"Bearer {await house.token(id='boss', subject='1', role='admin')}"}


async def test_an_erasure_leaves_nothing_but_the_receipt(house: House) -> None:
    """Counts per store, the cookie gone, the token worthless, the grant revoked at Google."""
    await house.sign_in()
    token = house.browser.cookies["__session"]
    other = await house.token(id="other")
    house.conversations.documents[ALICE] = [{"text": str(number)} for number in range(5)]
    answer = await house.browser.delete("/auth/user")
    assert answer.status_code == 200, answer.text
    counts = {"conversations": 5, "drive_grants": 1, "sessions": 2, "users": 1}
    assert answer.json()["counts"] == counts
    assert cookie_of(answer)["max-age"] == "0"
    assert house.provider.revoked == ["refresh-1"]
    for old in (token, other):
        late = await house.browser.get("/auth/user", headers={"authorization": f"Bearer {old}"})
        assert late.status_code == 401
    assert not house.users.users
    assert not house.kept.grants
    assert house.audit.events()[-2:] == ["erasure.begun", "erasure.finished"]
    assert ALICE not in repr(house.audit.entries())


async def test_what_comes_in_during_an_erasure_goes_too(house: House) -> None:
    """An answer that was being written when the erasure began is stored behind it, and found."""
    await house.sign_in()
    withdraw = house.grants.withdraw

    async def meanwhile(subject: str) -> bool:
        house.conversations.documents[subject].append({"text": "late"})
        object.__setattr__(house.grants, "withdraw", withdraw)
        return await withdraw(subject)

    object.__setattr__(house.grants, "withdraw", meanwhile)
    answer = await house.browser.delete("/auth/user")
    assert answer.json()["counts"]["conversations"] == 1
    assert not house.conversations.documents[ALICE]


async def test_an_erasure_that_fails_is_asked_for_again_with_the_same_session(house: House) -> None:
    """503, then the same request goes on: one receipt, exact numbers."""
    await house.sign_in()
    house.conversations.documents[ALICE] = [{"text": str(number)} for number in range(5)]
    house.conversations.failure = Unavailable("down", retry_after=5)
    first = await house.browser.delete("/auth/user")
    assert (first.status_code, first.headers["retry-after"]) == (503, "5")
    second = await house.browser.delete("/auth/user")
    assert second.json()["counts"]["conversations"] == 5
    assert len(house.receipts.receipts) == 1


async def test_an_erasure_waits_for_google_to_take_the_grant_back(house: House) -> None:
    """While Google does not answer, the grant is not forgotten unrevoked; asked again, it is revoked."""
    await house.sign_in()
    house.provider.failure = Unavailable("down", retry_after=5)
    assert (await house.browser.delete("/auth/user")).status_code == 503
    assert house.kept.grants
    house.provider.failure = None
    assert (await house.browser.delete("/auth/user")).status_code == 200
    assert house.provider.revoked == ["refresh-1"]


async def test_an_export_is_one_json_with_everything(house: House) -> None:
    """A file to keep; recorded; every store is in it, empty ones too."""
    await house.sign_in()
    house.conversations.documents[ALICE] = [{"text": "Größe"}, {"text": "two"}]
    house.conversations.documents["42"] = [{"text": "not hers"}]
    answer = await house.browser.get("/auth/user/export")
    assert answer.headers["content-disposition"] == 'attachment; filename="docent-export.json"'
    assert answer.headers["cache-control"] == "no-store"
    exported = json.loads(answer.text)
    assert exported["subject"] == ALICE
    assert set(exported["data"]) == {store.name for store in house.stores}
    assert exported["data"]["conversations"] == [{"text": "Größe"}, {"text": "two"}]
    assert exported["data"]["drive_grants"] == [{"state": "live"}]
    assert house.audit.last().event == "person.exported"


async def test_signing_out_everywhere_ends_all_and_takes_the_grant_back(house: House) -> None:
    """Every device is out, Google is told, and it is in the trail."""
    await house.sign_in()
    token = house.browser.cookies["__session"]
    other = await house.token(id="other")
    answer = await house.browser.post("/auth/logout", params={"everywhere": "true"})
    assert answer.status_code == 204
    assert cookie_of(answer)["max-age"] == "0"
    for old in (token, other):
        late = await house.browser.get("/auth/user", headers={"authorization": f"Bearer {old}"})
        assert late.status_code == 401
    assert house.provider.revoked == ["refresh-1"]
    ended, grant = house.audit.entries()[-2:]
    assert (ended.event, ended.details["count"]) == ("session.ended", 2)
    assert (grant.event, grant.details["how"]) == ("grant.ended", "revoked")


async def test_signing_out_everywhere_does_not_wait_for_google(house: House) -> None:
    """When Google is silent the person is out all the same, and the only copy of the grant is destroyed."""
    await house.sign_in()
    house.provider.failure = Unavailable("down")
    assert (await house.browser.post("/auth/logout", params={"everywhere": "true"})).status_code == 204
    assert not house.kept.grants
    assert house.audit.last().details["how"] == "forgotten"


async def test_signing_out_is_in_the_trail_once(house: House) -> None:
    """One entry, about the person and by the person."""
    await house.sign_in()
    await house.browser.post("/auth/logout")
    entry = house.audit.last()
    assert (entry.event, entry.subject == entry.actor != "") == ("session.ended", True)
    assert house.audit.events().count("session.ended") == 1


async def test_the_app_hears_that_the_grant_is_dead(house: House) -> None:
    """So that it asks again before a question fails."""
    await house.sign_in()
    await house.kept.mark_dead(ALICE, house.kept.grants[ALICE].token.box)
    assert (await house.browser.get("/auth/user")).json()["drive_grant"] == "dead"


async def test_a_browser_signs_in_with_firebase(house: House) -> None:
    """From a page of ours: 204 and the cookie, no token in reach of scripts."""
    token = house.firebase.token()
    answer = await house.browser.post("/auth/firebase", json={"id_token": token}, headers={"origin": HOME})
    assert (answer.status_code, answer.text) == (204, "")
    assert cookie_of(answer)["httponly"] is True
    assert (await house.browser.get("/auth/user")).json()["subject"] == ALICE


async def test_another_client_gets_tokens_for_firebases(house: House) -> None:
    """Without a browser's headers: bearer tokens in the body and no cookie."""
    del house.browser.headers["sec-fetch-site"]
    answer = await house.browser.post("/auth/firebase", json={"id_token": house.firebase.token()})
    assert "set-cookie" not in answer.headers
    bearer = {"authorization": f"Bearer {answer.json()['access_token']}"}
    assert (await house.browser.get("/auth/user", headers=bearer)).status_code == 200


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"origin": "https://evil.example"}, {"id_token": "token-0"}, 403),
        ({"sec-fetch-site": "cross-site"}, {"id_token": "token-0"}, 403),
        ({}, {"id_token": "forged"}, 401),
        ({}, {"id_token": ""}, 422),
        ({}, {"id_token": "a" * 9000}, 422),
        ({}, {}, 422),
    ],
)
async def test_a_foreign_page_or_a_forged_token_opens_nothing(
    house: House, headers: dict[str, str], body: dict[str, str], status: int
) -> None:
    """Another site cannot sign a person in as somebody else, nor anybody with a token of their own making."""
    house.firebase.token()
    answer = await house.browser.post("/auth/firebase", json=body, headers=headers)
    assert answer.status_code == status
    assert "set-cookie" not in answer.headers
    assert not house.store.sessions


async def test_without_a_firebase_project_the_route_does_not_exist(house: House) -> None:
    """404, as for any address that is not there."""
    object.__setattr__(house.services, "firebase", None)
    answer = await house.browser.post("/auth/firebase", json={"id_token": house.firebase.token()})
    assert answer.status_code == 404


async def test_administrators_list_people_page_by_page(house: House) -> None:
    """By subject, with a cursor until there is no more."""
    for number in range(5):
        house.users.users[f"s{number}"] = User(f"s{number}", f"{number}@x", "x", "", "user", NOW, NOW)
    headers, found, cursor = await admin(house), [], ""
    while cursor is not None:
        page = (
            await house.browser.get("/auth/users", params={"cursor": cursor, "limit": "2"}, headers=headers)
        ).json()
        found += [one["subject"] for one in page["users"]]
        cursor = page["next_cursor"]
    assert found == [f"s{number}" for number in range(5)]


async def test_an_administrator_changes_role_and_tier(house: House) -> None:
    """The person's next request counts with both; their own page says so."""
    await house.sign_in()
    answer = await house.browser.patch(
        f"/auth/users/{ALICE}", json={"role": "admin", "tier": "premium"}, headers=await admin(house)
    )
    assert (answer.json()["role"], answer.json()["tier"]) == ("admin", "premium")
    mine = (await house.browser.get("/auth/user")).json()
    assert (mine["admin"], mine["tier"]) == (True, "premium")


async def test_an_administrator_sees_and_ends_somebodys_sessions(house: House) -> None:
    """All of them; and erases the person on request."""
    await house.sign_in()
    headers = await admin(house)
    listed = await house.browser.get(f"/auth/users/{ALICE}/sessions", headers=headers)
    assert len(listed.json()["sessions"]) == 1
    ended = await house.browser.delete(f"/auth/users/{ALICE}/sessions", headers=headers)
    assert ended.json() == {"ended": 1}
    assert (await house.browser.get("/auth/user")).status_code == 401
    erased = await house.browser.delete(f"/auth/users/{ALICE}", headers=headers)
    assert erased.json()["counts"]["users"] == 1
    assert (await house.browser.delete(f"/auth/users/{ALICE}", headers=headers)).status_code == 404


async def test_an_administrator_has_erasures_finished_that_were_cut_off(house: House) -> None:
    """Also of somebody whose record is gone already."""
    await house.sign_in()
    house.conversations.documents[ALICE] = [{"text": "1"}] * 3
    house.conversations.failure = Unavailable("down")
    await house.browser.delete("/auth/user")
    answer = await house.browser.post("/auth/erasures", headers=await admin(house))
    assert answer.json() == {"finished": 1}
    assert not house.users.users


ADMINS_ONLY: list[tuple[str, str, Any]] = [
    ("GET", "/auth/users", None),
    ("PATCH", f"/auth/users/{ALICE}", {"role": "admin"}),
    ("DELETE", "/auth/users/42", None),
    ("GET", "/auth/users/42/sessions", None),
    ("DELETE", "/auth/users/42/sessions", None),
    ("POST", "/auth/erasures", None),
    ("GET", "/auth/doctor", None),
]


@pytest.mark.parametrize(("method", "path", "body"), ADMINS_ONLY)
async def test_what_is_for_administrators_is_denied_and_noted(
    house: House, method: str, path: str, body: Any
) -> None:
    """403 for a person, 401 for a stranger; the trail has the route's pattern, not its values."""
    assert (await house.browser.request(method, path, json=body)).status_code == 401
    await house.sign_in()
    assert (await house.browser.request(method, path, json=body)).status_code == 403
    entry = house.audit.last()
    assert (entry.event, entry.details["method"]) == ("permission.denied", method)
    assert str(entry.details["route"]).startswith(path.partition("/4")[0].partition("/1")[0])
    assert "42" not in str(entry.details)
    assert house.users.users[ALICE].role == "user"


async def test_a_foreign_pages_attempt_is_noted(house: House) -> None:
    """A cross-site request with a person's cookie is refused, and the trail says that it came."""
    await house.sign_in()
    answer = await house.browser.post("/auth/logout", headers={"origin": "https://evil.example"})
    assert answer.status_code == 403
    assert house.audit.last().event == "permission.denied"


async def test_a_placeholder_secret_stops_everything_that_needs_a_person(house: House) -> None:
    """500 with the secret's name wherever one would have to trust it; fine again once it is mended."""
    await house.sign_in()
    good = house.secrets.values["audit"]
    house.secrets.values["audit"] = "changeme"
    house.secrets.read.clear()
    for method, path in (("GET", "/auth/user"), ("GET", "/auth/sessions"), ("GET", "/auth/login")):
        answer = await house.browser.request(method, path)
        assert answer.status_code == 500
        assert "audit" in answer.text
    house.secrets.values["audit"] = good
    house.secrets.read.clear()
    assert (await house.browser.get("/auth/user")).status_code == 200


async def test_the_list_of_sessions_says_where_each_was_first_used(house: House) -> None:
    """A network, as the right-most trusted hop tells; what the client wrote is not believed."""
    login = await house.browser.get("/auth/login")
    assert login.status_code == 303
    code = house.provider.consent()
    state = house.provider.asked[-1].state
    forged = {"x-forwarded-for": "8.8.8.8, 203.0.113.77"}
    await house.browser.get("/auth/callback", params={"state": state, "code": code}, headers=forged)
    (entry,) = (await house.browser.get("/auth/sessions")).json()["sessions"]
    assert entry["place"] == "203.0.113.0/24"


async def lines(house: House, **headers: str) -> dict[str, dict[str, Any]]:
    """The doctor's findings, for an administrator."""
    answer = await house.browser.get("/auth/doctor", headers={**await admin(house), **headers})
    assert answer.status_code == 200, answer.text
    findings = answer.json()["findings"]
    assert answer.json()["ok"] == all(one["ok"] for one in findings)
    assert all(bool(one["fix"]) is not one["ok"] for one in findings)
    return {one["name"]: one for one in findings}


async def test_the_doctor_finds_a_healthy_sign_in(house: House) -> None:
    """Every line is ok for an administrator with a live grant."""
    await house.grants.keep("1", "refresh-9")
    found = await lines(house)
    assert [name for name, one in found.items() if not one["ok"]] == []
    assert set(found) >= {"Redirect URI", "Scheme behind the proxy", "Cookie", "Clock", "Drive grant"}


async def test_the_doctor_names_what_is_wrong_and_the_fix(house: House) -> None:
    """A scheme lost at the proxy, two cookies, no grant, a secret that is none, a clock that is off."""
    house.secrets.values["sealing"] = "changeme"

    async def skewed() -> float:
        return 95.0

    object.__setattr__(house.provider, "skew", skewed)
    headers = await admin(house)
    cookies = "__session=a; __session=b"
    found = await lines(house, **{"x-forwarded-proto": "http", "cookie": cookies, **headers})
    failing = {name for name, one in found.items() if not one["ok"]}
    assert failing == {"Scheme behind the proxy", "Cookie", "Drive grant", "Sealing keys", "Clock"}
    assert "X-Forwarded-Proto" in found["Scheme behind the proxy"]["fix"]
    assert "sealing" in found["Sealing keys"]["says"]
    assert "changeme" not in str(found)


async def test_the_doctor_is_a_page_for_a_browser(house: House) -> None:
    """Readable without any script; its one style is named by its hash."""
    answer = await house.browser.get("/auth/doctor", headers={**await admin(house), "accept": "text/html"})
    assert answer.headers["content-type"].startswith("text/html")
    assert "Redirect URI" in answer.text
    assert "<script" not in answer.text
    assert "unsafe" not in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("home", "peer", "status"),
    [
        ("http://127.0.0.1:8080", "127.0.0.1", 200),
        ("http://127.0.0.1:8080", "10.0.0.9", 401),
        (HOME, "127.0.0.1", 401),
    ],
)
async def test_the_doctor_is_open_on_ones_own_machine_only(home: str, peer: str, status: int) -> None:
    """Both the configured address and the caller must be this machine; nobody has to be signed in then."""
    laptop = House(home)
    app = laptop.browser._transport.app  # type: ignore[attr-defined]
    transport = httpx.ASGITransport(app, client=(peer, 1))
    async with httpx.AsyncClient(transport=transport, base_url=home) as browser:
        assert (await browser.get("/auth/doctor")).status_code == status
    await laptop.browser.aclose()
