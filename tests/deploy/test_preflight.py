"""What scripts/deploy sees before it changes anything, and what it makes, on a project with state."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest

from scripts.deployment.__main__ import Stopped, look, make_state_bucket, smoke
from scripts.deployment.cloud import Cloud, Unreachable
from scripts.deployment.keys import NotKept, fill
from scripts.deployment.preflight import FIRST_APIS, PERMISSIONS, Finding, preflight
from scripts.deployment.wanted import Wanted, read_variables
from shared.identity.keyring import sealing_ring, signing_ring

PROJECT = "docent-check"
CLIENT = "123456789012-abc.apps.googleusercontent.com"
SECRETS = {
    "SECRETS_AUDIT_KEYS": "docent-audit-keys",
    "SECRETS_CLIENT_SECRET": "docent-oauth-client-secret",
    "SECRETS_SEALING_KEYS": "docent-sealing-keys",
    "SECRETS_SESSION_KEYS": "docent-session-signing-keys",
}


@dataclass
class Project:
    """A project on Google Cloud, as far as its REST APIs show it to a deployer."""

    exists: bool = True
    billing: bool = True
    apis: set[str] = field(
        default_factory=lambda: set(FIRST_APIS) | {"orgpolicy", "cloudbilling", "firebase"}
    )
    permissions: set[str] = field(default_factory=lambda: set(PERMISSIONS))
    policies: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    client: tuple[str, str] = (CLIENT, "GOCSPX-right")
    redirect: str = f"https://{PROJECT}.web.app/auth/callback"
    models: dict[str, int] = field(default_factory=dict)
    firebase: bool = True
    secrets: dict[str, list[str]] = field(default_factory=dict)
    buckets: dict[str, dict[str, object]] = field(default_factory=dict)
    refuses: set[str] = field(default_factory=set)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer as the API of the request's host does."""
        api = request.url.host.partition(".")[0]
        if api == "oauth2":
            return self._token(parse_qs(request.content.decode()))
        assert request.headers["Authorization"] == "Bearer t"
        if api not in self.apis and api != "serviceusage":
            return _refusal(403, f"{api} has not been used", [{"reason": "SERVICE_DISABLED"}])
        answer: httpx.Response = getattr(self, f"_{api}")(request)
        return answer

    def _cloudresourcemanager(self, request: httpx.Request) -> httpx.Response:
        if not self.exists:
            return _refusal(403, "The caller does not have permission")
        if request.url.path.endswith(":testIamPermissions"):
            asked = json.loads(request.content)["permissions"]
            return httpx.Response(
                200, json={"permissions": [one for one in asked if one in self.permissions]}
            )
        return httpx.Response(200, json={"projectId": PROJECT, "state": "ACTIVE"})

    def _cloudbilling(self, _request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"billingEnabled": True} if self.billing else {})

    def _serviceusage(self, request: httpx.Request) -> httpx.Response:
        names = request.url.params.get_list("names")
        on = {name: name.rpartition("/")[2].removesuffix(".googleapis.com") in self.apis for name in names}
        states = [{"name": name, "state": "ENABLED" if one else "DISABLED"} for name, one in on.items()]
        return httpx.Response(200, json={"services": states})

    def _orgpolicy(self, request: httpx.Request) -> httpx.Response:
        name = request.url.path.rpartition("/")[2].partition(":")[0]
        rules = self.policies.get(name)
        return httpx.Response(200, json={"spec": {"rules": rules}}) if rules else _refusal(404, "not found")

    def _token(self, form: dict[str, list[str]]) -> httpx.Response:
        if (form["client_id"][0], form["client_secret"][0]) != self.client:
            return httpx.Response(401, json={"error": "invalid_client"})
        wrong = "invalid_grant" if form["redirect_uri"][0] == self.redirect else "redirect_uri_mismatch"
        return httpx.Response(400, json={"error": wrong})

    def _aiplatform(self, request: httpx.Request) -> httpx.Response:
        model = request.url.path.rpartition("/")[2].partition(":")[0]
        status = self.models.get(model, 200)
        return httpx.Response(200, json={}) if status == 200 else _refusal(status, f"{model}: no")

    def _firebase(self, _request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={}) if self.firebase else _refusal(404, "not found")

    def _storage(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            name = request.url.path.rpartition("/")[2]
            return httpx.Response(200, json={}) if name in self.buckets else _refusal(404, "not found")
        bucket = json.loads(request.content)
        if bucket["name"] in self.refuses:
            return _refusal(409, "The requested bucket name is not available.")
        self.buckets[bucket["name"]] = bucket
        return httpx.Response(200, json=bucket)

    def _secretmanager(self, request: httpx.Request) -> httpx.Response:
        name = request.url.path.split("/")[5].partition(":")[0]
        if request.method == "GET":
            kept = self.secrets.get(name)
            return (
                httpx.Response(200, json={"payload": {"data": kept[-1]}})
                if kept
                else _refusal(404, "no version")
            )
        if name in self.refuses:
            return _refusal(403, "denied")
        self.secrets.setdefault(name, []).append(json.loads(request.content)["payload"]["data"])
        return httpx.Response(200, json={})


def _refusal(status: int, message: str, details: list[dict[str, str]] | None = None) -> httpx.Response:
    return httpx.Response(
        status, json={"error": {"code": status, "message": message, "details": details or []}}
    )


def _cloud(project: Project) -> Cloud:
    return Cloud(PROJECT, "t", httpx.MockTransport(project))


def _wanted(given: str = "GOCSPX-right", **variables: str) -> Wanted:
    named = {"google_client_id": CLIENT, **variables}
    return Wanted(PROJECT, variables=tuple(named.items()), client_secret=given)


def _findings(project: Project, wanted: Wanted | None = None) -> dict[str, Finding]:
    return {one.about: one for one in preflight(_cloud(project), wanted or _wanted())}


def test_a_project_that_is_ready_passes() -> None:
    """Every look is ok, and nothing was changed by looking."""
    project = Project()
    assert {one.state for one in _findings(project).values()} == {"ok"}
    assert project == Project()


@pytest.mark.parametrize(
    ("broken", "about", "fix"),
    [
        (lambda one: setattr(one, "exists", False), f"project {PROJECT}", "gcloud projects create"),
        (lambda one: setattr(one, "billing", False), "billing", "gcloud billing projects link"),
        (lambda one: one.apis.discard("iam"), "APIs", "gcloud services enable iam.googleapis.com"),
        (lambda one: one.permissions.discard("run.services.setIamPolicy"), "roles", "roles/run.admin"),
        (
            lambda one: one.policies.update({"iam.allowedPolicyMemberDomains": [{"values": {}}]}),
            "organisation policy iam.allowedPolicyMemberDomains",
            "allow allUsers",
        ),
        (
            lambda one: one.policies.update(
                {"gcp.resourceLocations": [{"values": {"allowedValues": ["in:europe-locations"]}}]}
            ),
            "organisation policy gcp.resourceLocations",
            "REGION=",
        ),
        (lambda one: setattr(one, "client", (CLIENT, "other")), "OAuth client", "compare both"),
        (lambda one: setattr(one, "redirect", "https://other"), "OAuth client", "register https://"),
        (
            lambda one: one.models.update({"gemini-3.5-flash-lite": 404}),
            "model gemini-3.5-flash-lite in global",
            "GENAI_MODEL",
        ),
        (
            lambda one: one.models.update({"gemini-embedding-001": 429}),
            "model gemini-embedding-001 in global",
            "quotas",
        ),
        (lambda one: setattr(one, "firebase", False), "Firebase", "projects:addfirebase"),
    ],
)
def test_what_is_missing_is_named_with_its_fix(
    broken: Callable[[Project], None], about: str, fix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One thing wrong is one thing missing, with what mends it; nothing is changed."""
    project = Project()
    broken(project)
    findings = _findings(project)
    assert [name for name, one in findings.items() if one.state == "missing"] == [about]
    assert fix in findings[about].fix
    with pytest.raises(Stopped, match="Nothing was changed"):
        look(_cloud(project), _wanted())
    assert f"missing  {about}" in capsys.readouterr().out
    assert not project.buckets


def test_what_cannot_be_seen_stops_nobody_and_is_said() -> None:
    """An API that is off hides a policy: "unknown", with the command that shows it."""
    project = Project()
    project.apis -= {"orgpolicy", "cloudbilling"}
    unknown = [one for one in _findings(project).values() if one.state == "unknown"]
    assert len(unknown) == 3
    assert all("gcloud services enable" in one.fix for one in unknown)
    look(_cloud(project), _wanted())


def test_the_client_and_the_domain_come_from_the_variables(tmp_path: Path) -> None:
    """The example's client is refused; a secret that is kept will do; a load balancer needs a domain."""
    example = Path(__file__).parents[2] / "terraform" / "docent.tfvars.example"
    assert (
        _findings(Project(), Wanted(PROJECT, variables=read_variables(example)))["OAuth client"].state
        == "missing"
    )
    assert read_variables(tmp_path / "none") == ()
    assert _findings(Project(), _wanted(""))["OAuth client"].state == "missing"
    kept = Project(secrets={"docent-oauth-client-secret": ["eA=="]})
    assert _findings(kept, _wanted(""))["OAuth client"].state == "ok"
    assert _findings(Project(), _wanted(entrance="load_balancer"))["domain"].state == "missing"
    assert _wanted(domain="docent.example.com").redirect_uri == "https://docent.example.com/auth/callback"


def test_secrets_get_values_once_that_the_functions_take() -> None:
    """Made where none is, never replaced, and read by the functions' own strict reader."""
    project = Project()
    assert len(fill(_cloud(project), SECRETS, "GOCSPX-right")) == 4
    values = {name: base64.b64decode(kept[0]).decode() for name, kept in project.secrets.items()}
    assert signing_ring("s", values["docent-session-signing-keys"]).signing
    assert sealing_ring("s", values["docent-sealing-keys"]).sealing
    assert sealing_ring("s", values["docent-audit-keys"]).sealing
    assert fill(_cloud(project), SECRETS, "GOCSPX-right") == []
    assert fill(_cloud(project), SECRETS, "GOCSPX-new") == ["docent-oauth-client-secret has a value now"]
    assert {name: len(kept) for name, kept in project.secrets.items() if len(kept) > 1} == {
        "docent-oauth-client-secret": 2
    }


def test_a_refused_secret_stops_the_deployment() -> None:
    """The sentence names the secret and not its value."""
    with pytest.raises(NotKept, match="docent-sealing-keys was not kept: denied"):
        fill(_cloud(Project(refuses={"docent-sealing-keys"})), SECRETS, "x")


def test_the_state_bucket_is_closed_and_versioned() -> None:
    """Made once; a name that is taken is a sentence."""
    project = Project()
    for _ in range(2):
        make_state_bucket(_cloud(project), _wanted())
    bucket = project.buckets["docent-check-docent-state"]
    assert bucket["versioning"] == {"enabled": True}
    assert bucket["iamConfiguration"] == {
        "uniformBucketLevelAccess": {"enabled": True},
        "publicAccessPrevention": "enforced",
    }
    with pytest.raises(Stopped, match="not available"):
        make_state_bucket(_cloud(Project(refuses={"docent-check-docent-state"})), _wanted())


def test_an_address_that_stays_silent_fails_the_smoke_test() -> None:
    """The last thing seen is in the sentence, and the section of the runbook."""
    with pytest.raises(Stopped, match=r"operations\.md#unreachable"):
        smoke("http://127.0.0.1:9/health", seconds=0, pause=0)


def test_a_network_that_is_down_is_a_sentence() -> None:
    """Whoever cannot reach Google hears that, and no traceback."""

    def down(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route")

    with pytest.raises(Unreachable, match="cloudresourcemanager"):
        list(preflight(Cloud(PROJECT, "t", httpx.MockTransport(down)), _wanted()))
