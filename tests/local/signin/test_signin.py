"""The OpenID provider, as clients and Google's own libraries see it.

Expected behaviour: OpenID Connect Core and Discovery, RFC 6749, RFC 7009, RFC 7636, and Google's guide
"OpenID Connect" for the claims.
"""

from pathlib import Path

import google.auth.transport.requests
import jwt
import pytest
from google.oauth2 import id_token

from .conftest import CHALLENGE, CLIENT_ID, DRIVE_SCOPE, REDIRECT, SECRET, VERIFIER, Issuer, Start

pytestmark = pytest.mark.source(
    "OpenID Connect Core 1.0, RFC 6749, RFC 7009, RFC 7636; https://developers.google.com/identity/openid-connect/openid-connect"
)

ALICE, BOB = "alice@example.com", "bob@example.com"


def verified(issuer: Issuer, token: str, path: str = "/certs") -> dict[str, object]:
    """The claims, checked by google-auth against the issuer's keys."""
    request = google.auth.transport.requests.Request()
    found: dict[str, object] = id_token.verify_token(
        token, request, audience=CLIENT_ID, certs_url=issuer.url + path
    )
    return found


def test_discovery_names_every_endpoint(issuer: Issuer) -> None:
    """Each endpoint that the document names is there, and the issuer is the address itself."""
    found = issuer.http.get("/.well-known/openid-configuration").json()
    assert found["issuer"] == issuer.url
    for name in ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "revocation_endpoint"):
        assert issuer.http.request("OPTIONS", found[name]).status_code != 404
    keys = issuer.http.get(found["jwks_uri"]).json()["keys"]
    assert {"kty", "alg", "use", "kid", "n", "e"} <= set(keys[0])


def test_the_code_flow_ends_in_an_id_token_that_google_auth_accepts(issuer: Issuer) -> None:
    """State and scope come back, and the id_token carries Google's claims, both key formats verify it."""
    back = issuer.choose(ALICE)
    assert back["state"] == "st&te"
    answer = issuer.redeem(back["code"])
    assert answer.headers["cache-control"].startswith("no-cache, no-store")
    tokens = answer.json()
    assert tokens["token_type"] == "Bearer"
    assert tokens["expires_in"] == 3599
    assert "refresh_token" not in tokens
    claims = verified(issuer, tokens["id_token"])
    assert verified(issuer, tokens["id_token"], "/oauth2/v1/certs") == claims
    assert (claims["iss"], claims["aud"], claims["azp"]) == (issuer.url, CLIENT_ID, CLIENT_ID)
    assert (claims["email"], claims["email_verified"], claims["hd"]) == (ALICE, True, "example.com")
    assert (claims["nonce"], claims["name"]) == ("n-1", "Alice")
    assert len(str(claims["sub"])) == 21
    assert "picture" not in claims
    assert verified(issuer, issuer.sign_in(ALICE)["id_token"])["sub"] == claims["sub"]


@pytest.mark.source("local/signin/README.md")
def test_the_page_offers_the_people_the_hinted_one_first(issuer: Issuer) -> None:
    """GET shows one button a person in a form that needs no script, in the asker's language and width."""
    page = issuer.http.get("/authorize", params=issuer.asked(login_hint=BOB)).text
    assert page.index(f'value="{BOB}"') < page.index(f'value="{ALICE}"')
    assert '<html lang="en">' in page
    assert 'name="viewport"' in page
    assert "<script" not in page
    assert 'name="state" value="st&amp;te"' in page
    assert f'name="grant" value="{DRIVE_SCOPE}" checked' in page


def test_a_known_person_can_be_signed_in_without_a_page(issuer: Issuer) -> None:
    """prompt=none with a login_hint answers with a code; without a hint it is login_required."""
    ask = issuer.asked(prompt="none", login_hint=BOB)
    answer = issuer.http.get("/authorize", params=ask)
    assert (answer.status_code, "code=" in answer.headers["location"]) == (302, True)
    refused = issuer.http.get("/authorize", params=issuer.asked(prompt="none"))
    assert "error=login_required" in refused.headers["location"]


def test_the_person_may_keep_the_drive_scope_back_or_refuse(issuer: Issuer) -> None:
    """Unticking a scope grants the rest; "Do not sign in" answers access_denied with the state."""
    asked = issuer.asked() | {"person": ALICE, "granular": "1"}
    location = issuer.http.post("/authorize", data=asked).headers["location"]
    assert "drive" not in location
    assert "openid" in location
    denied = issuer.http.post("/authorize", data=issuer.asked() | {"deny": "1"}).headers["location"]
    assert "error=access_denied" in denied
    assert "state=st%26te" in denied


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"client_id": "other"}, 401),
        ({"redirect_uri": REDIRECT + "/"}, 400),
        ({"redirect_uri": REDIRECT + "?x=1"}, 400),
        ({"redirect_uri": "http://127.0.0.1:8080.evil.example/auth/callback"}, 400),
        ({"redirect_uri": "-"}, 400),
    ],
)
def test_an_unknown_client_or_redirect_is_never_redirected_to(
    issuer: Issuer, more: dict[str, str], status: int
) -> None:
    """The person sees a page, and no Location header leaves, on GET and on POST."""
    for answer in (
        issuer.http.get("/authorize", params=issuer.asked(**more)),
        issuer.http.post("/authorize", data=issuer.asked(**more) | {"person": ALICE}),
    ):
        assert answer.status_code == status
        assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": " "}, "invalid_scope"),
        ({"code_challenge_method": "S512"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": "-"}, "invalid_request"),
    ],
)
def test_other_faults_go_back_to_the_client(issuer: Issuer, more: dict[str, str], error: str) -> None:
    """The redirect carries the error and the state."""
    location = issuer.http.get("/authorize", params=issuer.asked(**more)).headers["location"]
    assert f"error={error}" in location
    assert "state=st%26te" in location


@pytest.mark.parametrize(
    ("more", "status", "error"),
    [
        ({"code_verifier": "w" * 50}, 400, "invalid_grant"),
        ({"code_verifier": CHALLENGE}, 400, "invalid_grant"),
        ({"code_verifier": "-"}, 400, "invalid_grant"),
        ({"redirect_uri": "http://127.0.0.1:8080/other"}, 400, "redirect_uri_mismatch"),
        ({"code": "4/forged"}, 400, "invalid_grant"),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_secret": "-"}, 400, "invalid_request"),
        ({"client_id": "other"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
def test_a_code_is_worth_nothing_without_all_that_belongs_to_it(
    issuer: Issuer, more: dict[str, str], status: int, error: str
) -> None:
    """A wrong verifier, redirect, client or secret is refused, and the code stays good for the right one."""
    code = issuer.choose(ALICE)["code"]
    answer = issuer.redeem(code, **more)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert issuer.redeem(code).status_code == 200


def test_a_code_works_once_and_its_reuse_ends_what_it_gave(issuer: Issuer) -> None:
    """The second use is invalid_grant, and the first one's access token is dead (RFC 6749 4.1.2)."""
    code = issuer.choose(ALICE)["code"]
    access = issuer.redeem(code).json()["access_token"]
    assert issuer.redeem(code).json()["error"] == "invalid_grant"
    assert issuer.http.get("/tokeninfo", params={"access_token": access}).status_code == 400


def test_a_client_may_authenticate_by_basic_and_leave_pkce_out(issuer: Issuer) -> None:
    """client_secret_basic works; a code asked for without a challenge needs no verifier."""
    code = issuer.choose(ALICE, code_challenge="-", code_challenge_method="-")["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
    assert issuer.http.post("/token", data=form, auth=(CLIENT_ID, SECRET)).status_code == 200
    assert VERIFIER


def test_a_refresh_token_comes_with_offline_access_and_consent(issuer: Issuer) -> None:
    """Offline access gives one at first and whenever consent is asked for; it brings new access tokens."""
    offline = {"access_type": "offline", "prompt": "consent"}
    first = issuer.sign_in(BOB, **offline)
    again = issuer.sign_in(BOB, access_type="offline")
    assert "refresh_token" in first
    assert "refresh_token" not in again
    assert "refresh_token" in issuer.sign_in(BOB, **offline)
    fresh = issuer.token(grant_type="refresh_token", refresh_token=first["refresh_token"]).json()
    assert fresh["access_token"] != first["access_token"]
    assert verified(issuer, fresh["id_token"])["email"] == BOB
    assert "nonce" not in verified(issuer, fresh["id_token"])
    narrow = issuer.token(
        grant_type="refresh_token", refresh_token=first["refresh_token"], scope="openid"
    ).json()
    assert narrow["scope"] == "openid"
    wide = issuer.token(grant_type="refresh_token", refresh_token=first["refresh_token"], scope="openid x")
    assert wide.json()["error"] == "invalid_scope"


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_revoking_either_token_ends_the_grant_at_once(issuer: Issuer, kind: str) -> None:
    """After POST /revoke access and refresh token are dead; a second revocation is invalid_token."""
    tokens = issuer.sign_in(ALICE, access_type="offline", prompt="consent")
    assert issuer.http.post("/revoke", data={"token": tokens[kind]}).status_code == 200
    assert issuer.http.get("/tokeninfo", params={"access_token": tokens["access_token"]}).status_code == 400
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert issuer.http.get("/userinfo", headers=bearer).status_code == 401
    refused = issuer.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert refused.json()["error"] == "invalid_grant"
    assert issuer.http.post("/revoke", data={"token": tokens[kind]}).status_code == 400


def test_tokeninfo_and_userinfo_tell_whose_token_it_is(issuer: Issuer) -> None:
    """Tokeninfo has strings as Google's has, with the scopes; userinfo has the claims of those scopes."""
    tokens = issuer.sign_in(ALICE)
    found = issuer.http.get("/tokeninfo", params={"access_token": tokens["access_token"]}).json()
    assert (found["email"], found["aud"], found["email_verified"]) == (ALICE, CLIENT_ID, "true")
    assert DRIVE_SCOPE in found["scope"].split()
    assert 0 < int(found["expires_in"]) <= 3599
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    claims = issuer.http.get("/userinfo", headers=bearer).json()
    assert (claims["sub"], claims["email"], claims["hd"]) == (found["sub"], ALICE, "example.com")


def test_odd_accounts_are_made_by_settings(issuer: Issuer) -> None:
    """An unverified address says so; a consumer account has no hd, whatever its address."""
    mallory = verified(issuer, issuer.sign_in("mallory@example.com")["id_token"])
    consumer = verified(issuer, issuer.sign_in("consumer@example.com")["id_token"])
    assert (mallory["email_verified"], mallory["hd"]) == (False, "example.com")
    assert "hd" not in consumer
    assert consumer["name"] == "Con Sumer"


@pytest.mark.source("local/signin/README.md")
def test_rotation_signs_with_a_new_key_and_old_tokens_still_verify(start: Start) -> None:
    """After /local/rotate-keys both keys are published, and new tokens name the new one."""
    issuer = start()
    old = issuer.sign_in(ALICE)["id_token"]
    kid = issuer.http.post("/local/rotate-keys").json()["kid"]
    new = issuer.sign_in(ALICE)["id_token"]
    assert jwt.get_unverified_header(new)["kid"] == kid != jwt.get_unverified_header(old)["kid"]
    assert verified(issuer, old)["sub"] == verified(issuer, new)["sub"]


@pytest.mark.source("local/signin/README.md")
def test_keys_and_grants_survive_a_restart_and_no_secret_is_stored(start: Start, tmp_path: Path) -> None:
    """A second issuer over the same state accepts the refresh token and verifies the id_token."""
    first = start(tmp_path)
    tokens = first.sign_in(ALICE, access_type="offline", prompt="consent")
    second = start(tmp_path)
    claims = jwt.decode(
        tokens["id_token"],
        jwt.PyJWK(second.http.get("/certs").json()["keys"][0]).key,
        algorithms=["RS256"],
        audience=CLIENT_ID,
    )
    assert claims["email"] == ALICE
    answer = second.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert answer.status_code == 200
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert tokens["refresh_token"].encode() not in stored
    assert tokens["access_token"].encode() not in stored


@pytest.mark.source("local/signin/README.md")
def test_access_tokens_run_out(start: Start) -> None:
    """The lifetime is a setting; a token past it is invalid."""
    issuer = start(access_token_seconds="1")
    tokens = issuer.sign_in(ALICE)
    assert tokens["expires_in"] == 1
    issuer.server._store._db.execute("UPDATE tokens SET expires = expires - 2")
    assert issuer.http.get("/tokeninfo", params={"access_token": tokens["access_token"]}).status_code == 400


@pytest.mark.source("local/signin/README.md")
def test_the_people_are_those_of_the_sidecar(tmp_path: Path) -> None:
    """A Drive folder's permissions.json names who can sign in; without one the demo people can."""
    from local.signin.people import DEMO_PEOPLE, addresses

    (tmp_path / "files").mkdir()
    assert addresses(tmp_path) == DEMO_PEOPLE
    (tmp_path / "permissions.json").write_text('{"users": ["Zoe@Example.com"], "files": {}}')
    assert addresses(tmp_path) == addresses(tmp_path / "files") == ("zoe@example.com",)
