"""Looks, before anything is made, for what would stop a deployment, and names what mends it.

Only reads: the two model calls ask for one token and one vector. The REST methods are Google's
published ones (discovery documents of the named services).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from httpx import codes

from scripts.deployment.cloud import Answer, Cloud
from scripts.deployment.wanted import Wanted
from shared.settings import GenAISettings

FIRST_APIS = ("cloudresourcemanager", "serviceusage", "iam", "storage", "aiplatform", "secretmanager")
"""What Terraform and this preflight need before Terraform can switch on the rest."""
PERMISSIONS = {
    "cloudfunctions.functions.create": "roles/cloudfunctions.admin",
    "cloudscheduler.jobs.create": "roles/cloudscheduler.admin",
    "cloudtasks.queues.create": "roles/cloudtasks.admin",
    "datastore.databases.create": "roles/datastore.owner",
    "iam.roles.create": "roles/iam.roleAdmin",
    "iam.serviceAccounts.actAs": "roles/iam.serviceAccountUser",
    "iam.serviceAccounts.create": "roles/iam.serviceAccountAdmin",
    "logging.logMetrics.create": "roles/logging.admin",
    "monitoring.alertPolicies.create": "roles/monitoring.admin",
    "resourcemanager.projects.setIamPolicy": "roles/resourcemanager.projectIamAdmin",
    "run.services.setIamPolicy": "roles/run.admin",
    "secretmanager.secrets.create": "roles/secretmanager.admin",
    "serviceusage.services.enable": "roles/serviceusage.serviceUsageAdmin",
    "storage.buckets.create": "roles/storage.admin",
}
"""One permission of each role that terraform apply needs, and that role."""


@dataclass(frozen=True)
class Finding:
    """What was looked at; `state` is "ok", "missing" (stops all) or "unknown" (could not be seen)."""

    about: str
    state: str
    saw: str
    fix: str = ""

    def __str__(self) -> str:
        line = f"{self.state:<8} {self.about}: {self.saw}"
        return f"{line}\n         fix: {self.fix}" if self.fix else line


def preflight(cloud: Cloud, wanted: Wanted) -> Iterator[Finding]:
    """Every finding, in the order in which things depend on each other; only the first without a project.

    Raises Unreachable.
    """
    first = _project(cloud, wanted)
    yield first
    if first.state != "ok":
        return
    for check in _CHECKS:
        yield from check(cloud, wanted)


def _project(cloud: Cloud, wanted: Wanted) -> Finding:
    answer = cloud.get("cloudresourcemanager", f"v3/projects/{wanted.project}")
    about = f"project {wanted.project}"
    if answer.api_is_off:
        return _api_off(about, "cloudresourcemanager", wanted)
    if not answer.ok:
        create = f"gcloud projects create {wanted.project}; or sign in as somebody who may see it: "
        return Finding(about, "missing", answer.message, create + "gcloud auth application-default login")
    state = str(answer.body.get("state", "?"))
    fix = "" if state == "ACTIVE" else f"gcloud projects undelete {wanted.project}"
    return Finding(about, "ok" if state == "ACTIVE" else "missing", state, fix)


def _billing(cloud: Cloud, wanted: Wanted) -> Iterator[Finding]:
    answer = cloud.get("cloudbilling", f"v1/projects/{wanted.project}/billingInfo")
    if not answer.ok:
        yield _unseen("billing", answer, "cloudbilling", wanted)
    elif answer.body.get("billingEnabled"):
        yield Finding("billing", "ok", "enabled")
    else:
        link = f"gcloud billing projects link {wanted.project} --billing-account=XXXXXX-XXXXXX-XXXXXX"
        yield Finding("billing", "missing", "no billing account pays for this project", link)


def _apis(cloud: Cloud, wanted: Wanted) -> Iterator[Finding]:
    names = [f"projects/{wanted.project}/services/{one}.googleapis.com" for one in FIRST_APIS]
    answer = cloud.get("serviceusage", f"v1/projects/{wanted.project}/services:batchGet", names=names)
    if not answer.ok:
        yield _unseen("APIs", answer, "serviceusage", wanted)
        return
    on = {
        one.get("config", {}).get("name") or str(one.get("name", "")).rpartition("/")[2]
        for one in answer.body.get("services", [])
        if one.get("state") == "ENABLED"
    }
    off = [f"{one}.googleapis.com" for one in FIRST_APIS if f"{one}.googleapis.com" not in on]
    if off:
        fix = f"gcloud services enable {' '.join(off)} --project={wanted.project}"
        yield Finding("APIs", "missing", f"{len(off)} of {len(FIRST_APIS)} first ones are off", fix)
    else:
        yield Finding("APIs", "ok", "the first ones are on; Terraform switches on the rest")


def _roles(cloud: Cloud, wanted: Wanted) -> Iterator[Finding]:
    path = f"v3/projects/{wanted.project}:testIamPermissions"
    answer = cloud.post("cloudresourcemanager", path, {"permissions": sorted(PERMISSIONS)})
    if not answer.ok:
        yield _unseen("roles", answer, "cloudresourcemanager", wanted)
        return
    lacking = sorted(set(PERMISSIONS) - set(answer.body.get("permissions", [])))
    if not lacking:
        yield Finding("roles", "ok", "everything that Terraform makes may be made")
        return
    roles = sorted({PERMISSIONS[one] for one in lacking})
    bind = f"gcloud projects add-iam-policy-binding {wanted.project} --member=user:YOU --role=ROLE"
    fix = f"{bind}, for each of {' '.join(roles)}"
    yield Finding("roles", "missing", f"not allowed: {', '.join(lacking)}", fix)


def _policies(cloud: Cloud, wanted: Wanted) -> Iterator[Finding]:
    everyone = "allow allUsers for this project; each function checks its callers itself (docs/security.md)"
    elsewhere = "allow the region for this project, or deploy with REGION= one that is allowed"
    for constraint, look, fix in (
        ("iam.allowedPolicyMemberDomains", _forbids_everyone, everyone),
        ("gcp.resourceLocations", partial(_forbids_region, wanted.region), elsewhere),
    ):
        about = f"organisation policy {constraint}"
        path = f"v2/projects/{wanted.project}/policies/{constraint}:getEffectivePolicy"
        answer = cloud.get("orgpolicy", path)
        if answer.status == codes.NOT_FOUND:
            yield Finding(about, "ok", "not set")
        elif not answer.ok:
            yield _unseen(about, answer, "orgpolicy", wanted)
        else:
            stops = look(answer.body.get("spec", {}).get("rules", []))
            yield Finding(about, "missing", stops, fix) if stops else Finding(about, "ok", "allows it")


def _forbids_everyone(rules: list[dict[str, object]]) -> str:
    """A sentence when a policy on members' domains leaves no room for allUsers."""
    open_to_all = not rules or any(rule.get("allowAll") for rule in rules)
    return "" if open_to_all else "only members of named domains may be granted anything"


def _forbids_region(region: str, rules: list[dict[str, object]]) -> str:
    """A sentence when no rule allows the region: by name, or by a group such as in:europe-locations."""
    if not rules or any(rule.get("allowAll") for rule in rules):
        return ""
    named = [values for rule in rules if isinstance(values := rule.get("values"), dict)]
    allowed = [str(one) for values in named for one in values.get("allowedValues", [])]
    names = {region, f"in:{region}-locations", f"in:{region.partition('-')[0]}-locations"}
    return "" if names & set(allowed) else f"{region} is not among {', '.join(allowed) or 'what is allowed'}"


def _client(cloud: Cloud, wanted: Wanted) -> Iterator[Finding]:
    about, client = "OAuth client", wanted.variable("google_client_id")
    page = f"https://console.cloud.google.com/auth/clients?project={wanted.project}"
    if not client or client.startswith("000000000000-"):
        fix = f"make a web client for {wanted.redirect_uri} at {page}; its id into docent.tfvars"
        yield Finding(about, "missing", "docent.tfvars names none", fix)
        return
    if not wanted.client_secret:
        if _has_value(cloud, wanted, "oauth-client-secret"):
            yield Finding(about, "ok", "its secret is in Secret Manager already")
        else:
            fix = f"OAUTH_CLIENT_SECRET=... make deploy; the secret is shown at {page}"
            yield Finding(about, "missing", "its secret is not known", fix)
        return
    fields = {"grant_type": "authorization_code", "code": "none", "redirect_uri": wanted.redirect_uri}
    fields |= {"client_id": client, "client_secret": wanted.client_secret}
    error = str(cloud.form("oauth2", "token", fields).body.get("error", ""))
    # RFC 6749 5.2: the client is authenticated before the code is looked at.
    if error == "invalid_grant":
        yield Finding(about, "ok", "id and secret belong together")
    elif error == "invalid_client":
        yield Finding(
            about, "missing", "Google does not know this id with this secret", f"compare both at {page}"
        )
    elif error == "redirect_uri_mismatch":
        fix = f"register {wanted.redirect_uri} at {page}"
        yield Finding(about, "missing", "the redirect URI is not registered", fix)
    else:
        yield Finding(about, "unknown", error or "no word of Google's on it")


def _has_value(cloud: Cloud, wanted: Wanted, name: str) -> bool:
    path = f"v1/projects/{wanted.project}/secrets/{wanted.prefix}-{name}/versions/latest"
    return cloud.get("secretmanager", path).ok


def _models(cloud: Cloud, wanted: Wanted) -> Iterator[Finding]:
    settings = {name: field.default for name, field in GenAISettings.model_fields.items()}
    location = str(settings["location"])
    service = "aiplatform" if location == "global" else f"{location}-aiplatform"
    base = f"v1/projects/{wanted.project}/locations/{location}/publishers/google/models"
    text = {"role": "user", "parts": [{"text": "1"}]}
    ask = {"contents": [text], "generationConfig": {"maxOutputTokens": 1}}
    size = {"outputDimensionality": settings["embedding_dimensions"]}
    embed = {"instances": [{"content": "1"}], "parameters": size}
    for name, method, body in (
        (settings["model"], "generateContent", ask),
        (settings["embedding_model"], "predict", embed),
    ):
        about = f"model {name} in {location}"
        answer = cloud.post(service, f"{base}/{name}:{method}", body)
        if answer.ok:
            yield Finding(about, "ok", "answers")
        elif answer.status == codes.NOT_FOUND:
            fix = "name another in docent.tfvars: settings = { GENAI_MODEL = ..., GENAI_LOCATION = ... }"
            yield Finding(about, "missing", answer.message, fix)
        elif answer.status == codes.TOO_MANY_REQUESTS:
            page = f"https://console.cloud.google.com/iam-admin/quotas?project={wanted.project}"
            yield Finding(about, "missing", f"no quota: {answer.message}", f"ask for more at {page}")
        else:
            yield _unseen(about, answer, "aiplatform", wanted)


def _hosting(cloud: Cloud, wanted: Wanted) -> Iterator[Finding]:
    if wanted.entrance == "load_balancer":
        fix = 'domain = "docent.example.com" in docent.tfvars; or entrance = "hosting"'
        known = wanted.variable("domain")
        yield Finding("domain", "ok", known) if known else Finding("domain", "missing", "none is named", fix)
        return
    answer = cloud.get("firebase", f"v1beta1/projects/{wanted.project}")
    if answer.ok:
        yield Finding("Firebase", "ok", "the project has it")
    elif answer.status == codes.NOT_FOUND or answer.api_is_off:
        fix = f"npx firebase-tools projects:addfirebase {wanted.project}"
        yield Finding(
            "Firebase", "missing", "the project is none of Firebase's, so the page has no home", fix
        )
    else:
        yield _unseen("Firebase", answer, "firebase", wanted)


def _unseen(about: str, answer: Answer, service: str, wanted: Wanted) -> Finding:
    """What Google would not tell: an API is to be switched on first, or only its own sentence explains it."""
    if answer.api_is_off:
        return _api_off(about, service, wanted)
    return Finding(about, "unknown", f"HTTP {answer.status}: {answer.message}")


def _api_off(about: str, service: str, wanted: Wanted) -> Finding:
    fix = f"gcloud services enable {service}.googleapis.com --project={wanted.project}, then again"
    return Finding(about, "unknown", f"{service}.googleapis.com is off, so it cannot be seen", fix)


_CHECKS: tuple[Callable[[Cloud, Wanted], Iterator[Finding]], ...] = (
    _billing,
    _apis,
    _roles,
    _policies,
    _client,
    _models,
    _hosting,
)
