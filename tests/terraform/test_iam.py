"""Every role of every function is used by a call that its code makes, and every call has its role.

The calls are those of a running Docent: the local cloud remembers each one with its trace, and the gateway
remembers which function a trace belongs to.
"""

import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import Stack
from tests.terraform.plans import FUNCTIONS, Plan, Resource
from tests.terraform.terraform import CHECKOUT
from tests.terraform.wired import wired

pytestmark = pytest.mark.timeout(600)

NEEDED = {
    ("cloudtrace", "batchWrite"): {"cloudtrace.traces.patch"},
    ("firestore", "BatchGetDocuments"): {"datastore.entities.get"},
    ("firestore", "BatchWrite"): {"datastore.entities.update"},
    ("firestore", "BeginTransaction"): {"datastore.databases.get"},
    ("firestore", "Commit"): {"datastore.entities.update"},
    ("firestore", "ListDocuments"): {"datastore.entities.list"},
    ("firestore", "Rollback"): {"datastore.databases.get"},
    ("firestore", "RunAggregationQuery"): {"datastore.entities.list"},
    ("firestore", "RunQuery"): {"datastore.entities.list"},
    ("secrets", "AccessSecretVersion"): {"secretmanager.versions.access"},
    # the task carries a token of the account for tasks, so whoever makes it acts as that account
    ("tasks", "CreateTask"): {"cloudtasks.tasks.create", "iam.serviceAccounts.actAs"},
    # an object that is replaced is deleted
    ("storage", "objects.insert"): {"storage.objects.create", "storage.objects.delete"},
    ("vertex", "FindNeighbors"): {"aiplatform.indexEndpoints.queryVectors"},
    ("vertex", "ReadIndexDatapoints"): {"aiplatform.indexEndpoints.queryVectors"},
    ("vertex", "RemoveDatapoints"): {"aiplatform.indexes.update"},
    ("vertex", "UpsertDatapoints"): {"aiplatform.indexes.update"},
    ("vertex", "embedContent"): {"aiplatform.endpoints.predict"},
    ("vertex", "generateContent"): {"aiplatform.endpoints.predict"},
    ("vertex", "predict"): {"aiplatform.endpoints.predict"},
    ("vertex", "streamGenerateContent"): {"aiplatform.endpoints.predict"},
}
"""The permissions that a call needs. Source: each service's IAM page at cloud.google.com, November 2026."""

WITHOUT_ROLE = {"control", "drive", "functions", "signin"}
"""Drive asks for a person's grant or for a share with the account; the rest is not Google's."""

HOLDS = {
    "roles/cloudtrace.agent": {"cloudtrace.traces.patch"},
    "roles/cloudtasks.enqueuer": {"cloudtasks.tasks.create"},
    "roles/datastore.user": {
        "datastore.databases.get",
        "datastore.entities.create",
        "datastore.entities.delete",
        "datastore.entities.get",
        "datastore.entities.list",
        "datastore.entities.update",
    },
    "roles/iam.serviceAccountUser": {"iam.serviceAccounts.actAs"},
    "roles/storage.objectUser": {
        "storage.objects.create",
        "storage.objects.delete",
        "storage.objects.get",
        "storage.objects.list",
        "storage.objects.update",
    },
    "roles/secretmanager.secretAccessor": {"secretmanager.versions.access"},
}
"""What each ready-made role holds of these. Source: cloud.google.com/iam/docs/roles-permissions."""

READERS = {
    "HttpOpenIdProvider": ("oauth-client-secret", "client_secret"),
    "Sealer": ("sealing-keys", "sealing_keys"),
    "SigningKeys": ("session-signing-keys", "session_keys"),
    "Trail": ("audit-keys", "audit_keys"),
}
"""The classes that read a secret: which one, and the field of SecretsSettings that names it."""


def _collected(stack: Stack) -> dict[str, set[tuple[str, str]]]:
    """The calls to Google that each function made. A trace that passed through two functions is left out."""
    url = f"{stack.base}/local/control/traces?last=100000"
    traces = httpx.get(url, timeout=30, trust_env=False).json()["traces"]
    through = defaultdict(set)
    for one in traces:
        if one["service"] == "functions":
            through[one["request"]].add(one["method"])
    found: dict[str, set[tuple[str, str]]] = {name: set() for name in FUNCTIONS}
    for one in traces:
        names = through.get(one["request"], set())
        if one["service"] not in WITHOUT_ROLE and len(names) == 1:
            found[next(iter(names))].add((one["service"], one["method"]))
    # spans are written after their request, so no trace has that call: what was written tells who did
    for name in _wrote_spans(stack):
        found[name].add(("cloudtrace", "batchWrite"))
    return found


def _wrote_spans(stack: Stack) -> set[str]:
    """The functions whose spans have arrived; each hands them on some seconds after its requests."""
    end = time.monotonic() + 30
    while True:
        spans = httpx.get(f"{stack.base}/local/control/spans", timeout=30, trust_env=False).json()["spans"]
        names = {one["function"] for one in spans}
        if names >= set(FUNCTIONS) or time.monotonic() > end:
            return names
        time.sleep(0.5)


def _used(stack: Stack) -> None:
    """What people do: ask, look, be refused. The first round fetches public keys; no answer is cached."""
    with stack.client("alice@example.com") as alice, stack.client("bob@example.com") as bob:
        for question in ("What are the core hours?", "Until when do core hours last on a working day?"):
            answer = alice.post("/chat", json={"message": question})
            assert answer.status_code == 200, answer.text
            assert alice.get("/stats").status_code == 200
            assert bob.get("/stats").status_code == 403
            assert bob.get("/ingest/status").status_code == 403
        _exported(alice)


def _exported(admin: httpx.Client) -> None:
    """A collection is written to Cloud Storage, with what is read back from the index."""
    name = admin.post("/ingest/export", json={}).json()["transfer"]["id"]
    end = time.monotonic() + 60
    while (found := admin.get(f"/ingest/transfers/{name}").json()["transfer"])["state"] != "done":
        assert time.monotonic() < end, found
        time.sleep(0.2)


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, set[tuple[str, str]]]]:
    """What each function called while one file was read in and a question answered."""
    folder = tmp_path_factory.mktemp("calls")
    (folder / "drive").mkdir()
    (folder / "drive" / "Hours.txt").write_text("Core hours are from 10:00 to 15:00 on every working day.\n")
    stack = Stack(folder / "state", folder / "drive")
    try:
        stack.start()
        _used(stack)
        yield _collected(stack)
    finally:
        stack.stop()


def _grants(plan: Plan) -> list[tuple[str, Resource]]:
    """The grants of the functions' accounts, with the function's name."""
    found = []
    for one in plan.resources:
        member = re.match(r"serviceAccount:docent-(\w+)@", str(one.known.get("member") or ""))
        if "_iam_member" in one.type and member and member[1] in FUNCTIONS:
            found.append((member[1], one))
    return found


def _permissions(plan: Plan, role: str) -> set[str]:
    own = {
        one.known["role_id"]: one.known["permissions"] for one in plan.of("google_project_iam_custom_role")
    }
    return set(own[role.rpartition("/")[2]]) if role.startswith("projects/") else HOLDS[role]


def _missing(
    plan: Plan, grants: list[tuple[str, Resource]], calls: Mapping[str, set[tuple[str, str]]]
) -> list[str]:
    """What some function calls and may not."""
    held: dict[str, set[str]] = {name: set() for name in FUNCTIONS}
    for name, grant in grants:
        held[name] |= _permissions(plan, grant.known["role"])
    return [
        f"{name} calls {service}.{method}: {permission}"
        for name, made in calls.items()
        for service, method in sorted(made)
        for permission in sorted(NEEDED[service, method] - held[name])
    ]


@pytest.fixture
def standard(plan: Callable[..., Plan]) -> Plan:
    """The plan that has all that the local cloud stands in for."""
    return plan(profile="standard")


def test_every_call_is_known(calls: dict[str, set[tuple[str, str]]]) -> None:
    """A call that nobody wrote a permission for stops here: name it in NEEDED, and grant it in iam.tf."""
    assert {one for made in calls.values() for one in made} <= set(NEEDED)
    assert all(calls.values()), "each function calls something"


def test_every_call_is_allowed(standard: Plan, calls: dict[str, set[tuple[str, str]]]) -> None:
    """Each function's account may make the calls that the function makes."""
    assert not _missing(standard, _grants(standard), calls)


def test_every_role_is_used(standard: Plan, calls: dict[str, set[tuple[str, str]]]) -> None:
    """No account has a role that none of its function's calls needs; of secrets a test below tells."""
    for name, grant in _grants(standard):
        if grant.type == "google_secret_manager_secret_iam_member":
            continue
        needs = {permission for call in calls[name] for permission in NEEDED[call]}
        assert needs & _permissions(standard, grant.known["role"]), grant.address


def test_a_role_that_is_taken_away_is_missed(standard: Plan, calls: dict[str, set[tuple[str, str]]]) -> None:
    """Without any one of the grants, some call is not allowed, or some secret not readable."""
    grants = _grants(standard)
    assert len(grants) >= 17
    for grant in grants:
        rest = [one for one in grants if one is not grant]
        assert _missing(standard, rest, calls) or _secrets(rest) != _read_secrets(), grant[1].address


def test_each_function_may_read_the_secrets_that_it_reads(plan: Callable[..., Plan]) -> None:
    """By the classes that its wiring makes: no secret less, none more."""
    assert _secrets(_grants(plan())) == _read_secrets()


def test_the_classes_that_read_secrets_are_these() -> None:
    """Each setting that names a secret is read in wiring for one of READERS, or by the class itself."""
    source = "\n".join(
        file.read_text() for room in ("shared", "functions") for file in (CHECKOUT / room).rglob("*.py")
    )
    fields = set(re.findall(r"\b\w*(?:names|settings)\.(\w+_(?:keys|secret))\b", source))
    assert fields == {field for _, field in READERS.values()} | {"drive_connector_secret"}


def test_what_is_switched_on_is_allowed(plan: Callable[..., Plan]) -> None:
    """Ranking, Firebase, an administrator's own grant and Document AI bring one grant each, to who calls."""
    before = {one.address for _, one in _grants(plan())}
    for given, name in (
        ({"settings": {"RANKING_ENABLED": "true"}}, "chat"),
        ({"firebase_project": "docent-check"}, "auth"),
        ({"connector_grant": True}, "ingest"),
        ({"settings": {"OCR_ENGINE": "documentai"}}, "ingest"),
    ):
        ((function, _),) = [one for one in _grants(plan(**given)) if one[1].address not in before]
        assert function == name


def _secrets(grants: list[tuple[str, Any]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {name: set() for name in FUNCTIONS}
    for name, grant in grants:
        if grant.type == "google_secret_manager_secret_iam_member":
            found[name].add(grant.index.removeprefix(f"{name}-"))
    return found


def _read_secrets() -> dict[str, set[str]]:
    return {
        name: {secret for kind, (secret, _) in READERS.items() if kind in wired(name)["made"]}
        for name in FUNCTIONS
    }
