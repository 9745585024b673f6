"""The metadata server through google.auth.default(), and the IAM Credentials API.

Expected behaviour: google-auth's own requests, and the IAM Credentials v1 reference.
"""

import json
import os
import subprocess
import sys

import google.auth.transport.requests
import pytest
from google.oauth2 import id_token

from .conftest import Issuer

pytestmark = pytest.mark.source(
    "google-auth 2.62, google/auth/compute_engine/_metadata.py; https://cloud.google.com/iam/docs/reference/credentials/rest"
)

FLAVOR = {"Metadata-Flavor": "Google"}
ACCOUNT = "/computeMetadata/v1/instance/service-accounts/default/"
SCOPE = "https://www.googleapis.com/auth/drive.readonly"
PROGRAM = """
import json
import google.auth
from google.auth import compute_engine
from google.auth.transport.requests import Request

credentials, project = google.auth.default(scopes=["%s"])
credentials.refresh(Request())
headers = {}
credentials.before_request(Request(), "GET", "https://www.googleapis.com/drive/v3/files", headers)
identity = compute_engine.IDTokenCredentials(Request(), "http://target", use_metadata_identity_endpoint=True)
identity.refresh(Request())
print(json.dumps([project, credentials.service_account_email, headers["authorization"], identity.token]))
"""


def test_default_credentials_are_found_with_the_exported_variables_alone(issuer: Issuer) -> None:
    """google.auth.default() in a process of its own gets project, account, a scoped token and an id_token."""
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"} | issuer.server.exports()
    ran = subprocess.run(  # noqa: S603 (our own interpreter and program)
        [sys.executable, "-c", PROGRAM % SCOPE],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    project, email, bearer, identity = json.loads(ran.stdout)
    assert (project, email) == ("docent-local", "docent@docent-local.example")
    info = issuer.http.get("/tokeninfo", params={"access_token": bearer.removeprefix("Bearer ")}).json()
    assert (info["email"], info["scope"]) == (email, SCOPE)
    claims = id_token.verify_token(
        identity,
        google.auth.transport.requests.Request(),
        audience="http://target",
        certs_url=issuer.url + "/certs",
    )
    assert (claims["iss"], claims["email"], claims["email_verified"]) == (issuer.url, email, True)


def test_the_metadata_server_answers_only_with_its_header(issuer: Issuer) -> None:
    """Without Metadata-Flavor: Google, or through a proxy, it is 403; answers carry the header too."""
    assert issuer.http.get(ACCOUNT + "email").status_code == 403
    forwarded = FLAVOR | {"X-Forwarded-For": "1.2.3.4"}
    assert issuer.http.get(ACCOUNT + "email", headers=forwarded).status_code == 403
    answer = issuer.http.get(ACCOUNT + "email", headers=FLAVOR)
    assert answer.headers["metadata-flavor"] == "Google"
    assert answer.text == "docent@docent-local.example"
    assert issuer.http.get("/").headers["metadata-flavor"] == "Google"


def test_the_account_is_described_recursively_and_others_are_unknown(issuer: Issuer) -> None:
    """?recursive=true gives JSON with email, aliases and scopes; another account is 404."""
    found = issuer.http.get(ACCOUNT, params={"recursive": "true"}, headers=FLAVOR).json()
    assert found["email"] == "docent@docent-local.example"
    assert found["aliases"] == ["default"]
    other = "/computeMetadata/v1/instance/service-accounts/other@x.example/email"
    assert issuer.http.get(other, headers=FLAVOR).status_code == 404
    assert issuer.http.get(ACCOUNT + "identity", headers=FLAVOR).status_code == 400
    project = issuer.http.get("/computeMetadata/v1/project/project-id", headers=FLAVOR)
    assert project.text == "docent-local"


@pytest.mark.parametrize("with_email", [True, False])
def test_iam_mints_id_tokens_for_any_account(issuer: Issuer, with_email: bool) -> None:
    """It signs an id_token for the audience, with the account's e-mail only when asked for."""
    path = "/v1/projects/-/serviceAccounts/tasks@docent-local.example:generateIdToken"
    body = {"audience": "https://target/run", "includeEmail": with_email}
    answer = issuer.http.post(path, json=body, headers={"Authorization": "Bearer x"})
    claims = id_token.verify_token(
        answer.json()["token"],
        google.auth.transport.requests.Request(),
        audience="https://target/run",
        certs_url=issuer.url + "/certs",
    )
    assert claims.get("email") == ("tasks@docent-local.example" if with_email else None)
    assert claims["sub"] == claims["azp"]


def test_iam_mints_access_tokens_that_the_issuer_knows(issuer: Issuer) -> None:
    """It gives an access token of the asked scopes and life."""
    path = "/v1/projects/-/serviceAccounts/tasks@docent-local.example:generateAccessToken"
    body = {"scope": [SCOPE], "lifetime": "60s"}
    answer = issuer.http.post(path, json=body, headers={"Authorization": "Bearer x"}).json()
    info = issuer.http.get("/tokeninfo", params={"access_token": answer["accessToken"]}).json()
    assert (info["email"], info["scope"]) == ("tasks@docent-local.example", SCOPE)
    assert int(info["expires_in"]) <= 60
    assert answer["expireTime"].endswith("Z")


@pytest.mark.parametrize(
    ("verb", "body", "headers", "status"),
    [
        ("generateIdToken", {"audience": "a"}, {}, 401),
        ("generateIdToken", {}, {"Authorization": "Bearer x"}, 400),
        ("generateAccessToken", {}, {"Authorization": "Bearer x"}, 400),
        ("generateAccessToken", {"scope": ["s"], "lifetime": "1d"}, {"Authorization": "Bearer x"}, 400),
        ("signJwt", {"payload": "{}"}, {"Authorization": "Bearer x"}, 501),
    ],
)
def test_iam_refuses_in_googles_shape(
    issuer: Issuer, verb: str, body: dict[str, object], headers: dict[str, str], status: int
) -> None:
    """Each fault has its status in the body too, and what is not emulated says so."""
    path = f"/v1/projects/-/serviceAccounts/tasks@docent-local.example:{verb}"
    answer = issuer.http.post(path, json=body, headers=headers)
    assert answer.status_code == status
    assert answer.json()["error"]["code"] == status


@pytest.mark.source("local/control/README.md")
def test_calls_are_counted_by_name_and_faults_injected(issuer: Issuer) -> None:
    """Control counts and breaks each endpoint by its short name."""
    from local.control.faults import Fault

    control = issuer.server.control
    control.calls.clear()
    issuer.http.get(ACCOUNT + "token", headers=FLAVOR)
    issuer.http.get("/certs")
    assert dict(control.calls) == {"metadata.token": 1, "certs": 1}
    control.faults.append(Fault(method="certs", status="503"))
    assert issuer.http.get("/certs").json()["error"]["status"] == "UNAVAILABLE"
    assert issuer.http.get("/certs").status_code == 200
