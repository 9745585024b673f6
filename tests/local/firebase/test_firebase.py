"""Firebase Authentication and App Check as firebase-admin sees them: signed tokens, really checked."""

import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from firebase_admin import app_check, auth, exceptions

from local.control.faults import Fault
from tests.local.firebase.conftest import PROJECT, Firebase, StartFirebase

pytestmark = pytest.mark.source(
    "https://firebase.google.com/docs/auth/admin/verify-id-tokens and firebase-admin 7.7, _token_gen.py"
)
ALICE = "alice@example.com"


def test_a_minted_token_is_verified(firebase: Firebase) -> None:
    """verify_id_token accepts a signed token and hands out its claims, uid and provider."""
    claims = firebase.verified(firebase.id_token(), check_revoked=True)
    assert claims["email"] == ALICE
    assert claims["email_verified"] is True
    assert claims["uid"] == claims["sub"] == auth.get_user_by_email(ALICE, firebase.app).uid
    assert claims["firebase"]["sign_in_provider"] == "google.com"


def test_a_token_names_the_google_account(firebase: Firebase) -> None:
    """Identities of a google.com token hold the account's own number, the same each time, and the address."""
    first, second = (firebase.verified(firebase.id_token())["firebase"]["identities"] for _ in range(2))
    assert first == second
    assert first["email"] == [ALICE]
    assert [len(number) for number in first["google.com"]] == [21]


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"aud": "other"}, "aud"),
        ({"iss": "https://securetoken.google.com/other"}, "iss"),
        ({"sub": ""}, "sub"),
    ],
)
def test_a_token_for_somebody_else(firebase: Firebase, claims: dict[str, Any], said: str) -> None:
    """A token of another project or of nobody is refused by firebase-admin's own checks."""
    with pytest.raises(auth.InvalidIdTokenError, match=said):
        firebase.verified(firebase.id_token(claims=claims))


def test_an_unsigned_token(firebase: Firebase) -> None:
    """alg=none is refused: no variable switches the check of signatures off."""
    claims = jwt.decode(firebase.id_token(), options={"verify_signature": False})
    with pytest.raises(auth.InvalidIdTokenError):
        firebase.verified(jwt.encode(claims, None, algorithm="none", headers={"kid": "k"}))


def test_a_token_of_another_signer(firebase: Firebase, start_firebase: StartFirebase) -> None:
    """A token that another stand-in signed is refused here."""
    foreign = firebase.id_token()
    with pytest.raises(auth.InvalidIdTokenError):
        start_firebase().verified(foreign)


def test_an_expired_token(firebase: Firebase) -> None:
    """An expired token is ExpiredIdTokenError."""
    with pytest.raises(auth.ExpiredIdTokenError):
        firebase.verified(firebase.id_token(expires_in=-60))


def test_rotated_keys(firebase: Firebase, start_firebase: StartFirebase, tmp_path: Path) -> None:
    """Tokens of the old key and of the new one both verify, and both keys survive a restart."""
    firebase = start_firebase(tmp_path)
    old = firebase.id_token()
    firebase.http.post("/local/rotate-keys").raise_for_status()
    new = firebase.id_token()
    assert jwt.get_unverified_header(old)["kid"] != jwt.get_unverified_header(new)["kid"]
    for token in (old, new):
        firebase.verified(token)
    again = start_firebase(tmp_path)
    assert again.verified(old, check_revoked=True)["email"] == ALICE


@pytest.mark.source("https://firebase.google.com/docs/auth/admin/manage-sessions")
def test_revoked_tokens(firebase: Firebase) -> None:
    """After revoke_refresh_tokens an older ID token is revoked, a newer one not, and refreshing ends."""
    old = firebase.id_token(auth_time=int(time.time()) - 100, claims={"iat": int(time.time()) - 100})
    uid = firebase.verified(old)["uid"]
    auth.revoke_refresh_tokens(uid, firebase.app)
    with pytest.raises(auth.RevokedIdTokenError):
        firebase.verified(old, check_revoked=True)
    assert firebase.verified(old)["uid"] == uid
    assert firebase.verified(firebase.id_token(), check_revoked=True)["uid"] == uid


@pytest.mark.source("https://firebase.google.com/docs/auth/admin/manage-users")
def test_disabled_users(firebase: Firebase) -> None:
    """The token of a disabled user fails the check, and nobody signs in as that user."""
    token = firebase.id_token()
    auth.update_user(firebase.verified(token)["uid"], disabled=True, app=firebase.app)
    with pytest.raises(auth.UserDisabledError):
        firebase.verified(token, check_revoked=True)
    reply = firebase.http.post("/local/id-token", json={"email": ALICE, "project": PROJECT})
    assert (reply.status_code, reply.json()["error"]["message"]) == (400, "USER_DISABLED")


@pytest.mark.source("https://firebase.google.com/docs/auth/admin/manage-users")
def test_managing_users(firebase: Firebase) -> None:
    """create_user, get_user, update_user, list_users and delete_user agree with each other."""
    made = auth.create_user(
        email="Bob@example.com", phone_number="+15550100", display_name="Bob", app=firebase.app
    )
    assert (made.email, made.email_verified, made.disabled) == ("bob@example.com", False, False)
    assert auth.get_user_by_phone_number("+15550100", firebase.app).uid == made.uid
    auth.set_custom_user_claims(made.uid, {"role": "x"}, firebase.app)
    changed = auth.update_user(
        made.uid, display_name=auth.DELETE_ATTRIBUTE, email_verified=True, app=firebase.app
    )
    assert (changed.display_name, changed.custom_claims, changed.email_verified) == (
        None,
        {"role": "x"},
        True,
    )
    assert firebase.verified(firebase.id_token("bob@example.com"))["role"] == "x"
    auth.create_user(uid="zoe", app=firebase.app)
    page = auth.list_users(max_results=1, app=firebase.app)
    assert [user.uid for user in page.iterate_all()] == sorted([made.uid, "zoe"])
    assert len(auth.get_users([auth.UidIdentifier("zoe"), auth.UidIdentifier("no")], firebase.app).users) == 1
    auth.delete_user(made.uid, firebase.app)
    with pytest.raises(auth.UserNotFoundError):
        auth.get_user(made.uid, firebase.app)
    with pytest.raises(auth.UserNotFoundError):
        auth.delete_user(made.uid, firebase.app)


@pytest.mark.source("firebase-admin 7.7, _auth_utils.py: the reasons it knows")
def test_what_is_taken(firebase: Firebase) -> None:
    """A second user of one address, number or id is refused with the exception made for it."""
    auth.create_user(uid="a", email=ALICE, phone_number="+15550100", app=firebase.app)
    with pytest.raises(auth.EmailAlreadyExistsError):
        auth.create_user(email=ALICE.upper(), app=firebase.app)
    with pytest.raises(auth.PhoneNumberAlreadyExistsError):
        auth.create_user(phone_number="+15550100", app=firebase.app)
    with pytest.raises(auth.UidAlreadyExistsError):
        auth.create_user(uid="a", app=firebase.app)


@pytest.mark.source("https://firebase.google.com/docs/reference/rest/auth")
def test_signing_in_with_a_password(firebase: Firebase) -> None:
    """signUp, signInWithPassword, the token's own lookup, and the refusals of wrong credentials."""
    person = {"email": ALICE, "password": "correct horse", "returnSecureToken": True}
    assert firebase.http.post("/v1/accounts:signUp?key=k", json=person).is_success
    answer = firebase.http.post("/v1/accounts:signInWithPassword?key=k", json=person).json()
    claims = firebase.verified(answer["idToken"], check_revoked=True)
    assert (claims["uid"], claims["firebase"]["sign_in_provider"]) == (answer["localId"], "password")
    me = firebase.http.post("/v1/accounts:lookup?key=k", json={"idToken": answer["idToken"]}).json()
    assert [user["email"] for user in me["users"]] == [ALICE]
    assert "passwordHash" not in me["users"][0]
    for wrong in ({"password": "wrong horse"}, {"email": "nobody@example.com"}):
        reply = firebase.http.post("/v1/accounts:signInWithPassword?key=k", json=person | wrong)
        assert reply.json()["error"]["message"] == "INVALID_LOGIN_CREDENTIALS"


@pytest.mark.source("https://cloud.google.com/identity-platform/docs/use-rest-api#section-refresh-token")
def test_refreshing(firebase: Firebase) -> None:
    """A refresh token gives new ID tokens until the user's tokens are revoked."""
    answer = firebase.http.post("/local/id-token", json={"email": ALICE}).json()
    form = {"grant_type": "refresh_token", "refresh_token": answer["refreshToken"]}
    fresh = firebase.http.post("/v1/token?key=k", data=form).json()
    assert firebase.verified(fresh["id_token"])["uid"] == answer["localId"] == fresh["user_id"]
    later = {"localId": answer["localId"], "validSince": str(int(time.time()) + 5)}
    headers = {"Authorization": "Bearer administrator"}
    firebase.http.post(f"/v1/projects/{PROJECT}/accounts:update", json=later, headers=headers)
    assert firebase.http.post("/v1/token?key=k", data=form).json()["error"]["message"] == "TOKEN_EXPIRED"
    form["refresh_token"] = "unknown"
    assert firebase.http.post("/v1/token", data=form).json()["error"]["message"] == "INVALID_REFRESH_TOKEN"


@pytest.mark.source("https://firebase.google.com/docs/app-check/custom-resource-backend")
def test_app_check(firebase: Firebase) -> None:
    """An App Check token verifies against the published keys, and says on the second use that it is used."""
    reply = firebase.http.post(
        f"/v1/projects/{PROJECT}/apps/1:2:web:3:exchangeDebugToken", json={"debug_token": "d"}
    )
    token = reply.json()["token"]
    claims = app_check.verify_token(token, firebase.app)
    assert claims["app_id"] == "1:2:web:3"
    assert app_check.verify_token(token, firebase.app, consume=True)["already_consumed"] is False
    assert app_check.verify_token(token, firebase.app, consume=True)["already_consumed"] is True
    body = {"project": PROJECT, "expires_in": -5}
    expired = firebase.http.post("/local/app-check-token", json=body).json()["token"]
    with pytest.raises(ValueError, match="expired"):
        app_check.verify_token(expired, firebase.app)
    with pytest.raises(jwt.PyJWKClientError):
        app_check.verify_token(firebase.id_token(), firebase.app)


@pytest.mark.source("firebase-admin 7.7, _auth_client.py: what the emulator variable changes")
def test_the_emulator_variable(firebase: Firebase, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lookups behind FIREBASE_AUTH_EMULATOR_HOST's path find the same users."""
    uid = firebase.verified(firebase.id_token())["uid"]
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", f"127.0.0.1:{firebase.port}")
    assert auth.Client(firebase.app).get_user(uid).email == ALICE


@pytest.mark.source("local/firebase/README.md")
def test_refusals_and_faults(firebase: Firebase) -> None:
    """Without credentials 401, unknown methods 501, and an armed fault is firebase-admin's exception."""
    assert firebase.http.post(f"/v1/projects/{PROJECT}/accounts:lookup", json={}).status_code == 401
    assert firebase.http.post("/v1/accounts:sendOobCode", json={}).status_code == 501
    assert firebase.http.get("/v1/projects/p/tenants").status_code == 501
    firebase.server.control.faults.append(Fault("lookup", "429"))
    with pytest.raises(exceptions.ResourceExhaustedError):
        auth.get_user("u", firebase.app)


@pytest.mark.source("local/control/README.md")
def test_saved_and_restored(firebase: Firebase, tmp_path: Path) -> None:
    """A saved state comes back; restoring nothing forgets the users and keeps the keys."""
    token = firebase.id_token()
    firebase.run(firebase.server.save(tmp_path))
    uid = firebase.verified(token)["uid"]
    auth.delete_user(uid, firebase.app)
    firebase.run(firebase.server.restore(tmp_path))
    assert firebase.verified(token, check_revoked=True)["uid"] == uid
    firebase.run(firebase.server.restore(None))
    with pytest.raises(auth.UserNotFoundError):
        auth.get_user(uid, firebase.app)
    assert firebase.verified(token)["uid"] == uid
