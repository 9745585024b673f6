"""cloudbuild.yaml: what is tested is what is applied, after a person has agreed, by an account of its own."""

import re
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from tests.terraform.plans import Plan
from tests.terraform.terraform import CHECKOUT

_REPOSITORY = "projects/docent-check/locations/us-central1/connections/c/repositories/docent"
_ORDER = (
    *("check", "test", "traces", "package", "plan", "keep"),
    *("note", "apply", "publish", "smoke", "rollback"),
)


@pytest.fixture(scope="module")
def build() -> dict[str, Any]:
    """The file, parsed."""
    found: dict[str, Any] = yaml.safe_load((CHECKOUT / "cloudbuild.yaml").read_text())
    return found


def _words(build: dict[str, Any]) -> dict[str, str]:
    return {step["id"]: step["args"][-1] for step in build["steps"]}


def test_its_steps_are_in_order(build: dict[str, Any]) -> None:
    """Checked and tested before it is packaged and planned; noted before it is applied; asked afterwards."""
    assert tuple(step["id"] for step in build["steps"]) == _ORDER


def test_it_says_who_it_is_and_where_its_log_goes(build: dict[str, Any]) -> None:
    """Cloud Build refuses a build with an account of its own and no word on logging."""
    assert build["serviceAccount"].endswith("/$_PREFIX-deployer@$PROJECT_ID.iam.gserviceaccount.com")
    assert build["options"]["logging"] == "CLOUD_LOGGING_ONLY"


def test_nothing_is_applied_without_approval(build: dict[str, Any], plan: Callable[..., Plan]) -> None:
    """Only the trigger that waits for a person runs in the mode that applies, and only from main."""
    triggers = {one.index: one.known for one in plan(repository=_REPOSITORY).of("google_cloudbuild_trigger")}
    assert triggers["apply"]["approval_config"][0]["approval_required"]
    assert triggers["apply"]["repository_event_config"][0]["push"][0]["branch"] == "^main$"
    assert {name: one["substitutions"]["_MODE"] for name, one in triggers.items()} == {
        "plan": "plan",
        "apply": "apply",
    }
    for name in ("note", "apply", "publish", "smoke", "rollback"):
        assert '[ "$_MODE" = apply ] || exit 0' in _words(build)[name], name
    assert build["substitutions"]["_MODE"] == "plan"


def test_only_a_saved_plan_is_applied(build: dict[str, Any]) -> None:
    """`apply` takes what `plan` made and `keep` kept, uploads included; it plans nothing itself."""
    words = _words(build)
    assert re.search(
        r"terraform apply -input=false -lock-timeout=5m plan\.tfplan$", words["apply"], re.MULTILINE
    )
    assert "-out=plan.tfplan" in words["plan"]
    assert "plan.tfplan" in words["keep"]
    assert "uploads.tar.gz" in words["keep"]
    assert not any("-auto-approve" in one for one in words.values())


def test_triggers_and_file_agree(build: dict[str, Any], plan: Callable[..., Plan]) -> None:
    """Every substitution that a trigger sets is one of the file's, and the other way round."""
    for trigger in plan(repository=_REPOSITORY).of("google_cloudbuild_trigger"):
        assert set(trigger.known["substitutions"]) == set(build["substitutions"])


def test_shell_variables_are_escaped(build: dict[str, Any]) -> None:
    """A single dollar is Cloud Build's: each names one of its substitutions."""
    known = {*build["substitutions"], "PROJECT_ID", "COMMIT_SHA"}
    for name, words in _words(build).items():
        assert set(re.findall(r"(?<!\$)\$\{?(\w+)", words)) <= known, name


def test_the_account_acts_only_as_ours(plan: Callable[..., Plan]) -> None:
    """The deployer may put our accounts on functions and jobs, and no other of the project."""
    made = plan(repository=_REPOSITORY)
    deployer = "serviceAccount:docent-deployer@docent-check.iam.gserviceaccount.com"
    project_wide = {
        one.known["role"] for one in made.of("google_project_iam_member") if one.name == "deployer"
    }
    acted = [one for one in made.of("google_service_account_iam_member") if one.name == "deployer"]
    assert "roles/iam.serviceAccountUser" not in project_wide
    assert {one.known["member"] for one in acted} == {deployer}
    assert {one.index for one in acted} == {"auth", "chat", "ingest", "health", "build", "scheduler"}


ADMINISTERS = {
    "roles/aiplatform.admin": "google_vertex_ai",
    "roles/artifactregistry.admin": "google_artifact_registry",
    "roles/cloudbuild.builds.editor": "google_cloudbuild",
    "roles/cloudfunctions.admin": "google_cloudfunctions2",
    "roles/cloudkms.admin": "google_kms",
    "roles/cloudscheduler.admin": "google_cloud_scheduler",
    "roles/cloudtasks.admin": "google_cloud_tasks",
    "roles/compute.loadBalancerAdmin": "google_compute",
    "roles/compute.securityAdmin": "google_compute_security_policy",
    "roles/datastore.owner": "google_firestore",
    "roles/iam.roleAdmin": "google_project_iam_custom_role",
    "roles/iam.serviceAccountAdmin": "google_service_account",
    "roles/logging.admin": "google_logging",
    "roles/monitoring.admin": "google_monitoring",
    "roles/resourcemanager.projectIamAdmin": "google_project_iam_member",
    "roles/run.admin": "google_cloud_run_v2",
    "roles/secretmanager.admin": "google_secret_manager",
    "roles/serviceusage.serviceUsageAdmin": "google_project_service",
    "roles/storage.admin": "google_storage",
}
"""What each of the deployer's roles is for. Source: cloud.google.com/iam/docs/roles-permissions."""
_BESIDE = {"roles/firebasehosting.admin"}
"""For the page, which firebase-tools publishes and Terraform does not know."""


@pytest.mark.parametrize("entrance", ["hosting", "load_balancer"])
def test_the_deployer_has_a_role_for_each_kind_of_resource(plan: Callable[..., Plan], entrance: str) -> None:
    """Each of its roles administers something that is planned; without any one, something has no role."""
    made = plan(
        profile="standard",
        repository=_REPOSITORY,
        entrance=entrance,
        domain="docent.example.com",
        collections={"handbook": {}},
        alert_emails=["ops@example.com"],
        customer_managed_keys=True,
    )
    roles = {one.known["role"] for one in made.of("google_project_iam_member") if one.name == "deployer"}
    kinds = {kind for kind in made.kinds() if kind != "google_billing_budget"}

    def without_a_role(held: set[str]) -> set[str]:
        prefixes = {ADMINISTERS[role] for role in held}
        longest = {
            kind: max((p for p in ADMINISTERS.values() if kind.startswith(p)), key=len) for kind in kinds
        }
        return {kind for kind, prefix in longest.items() if prefix not in prefixes}

    own = roles - _BESIDE
    assert not without_a_role(own)
    for role in own:
        assert without_a_role(own - {role}), f"{role} is for nothing"
    assert (roles & _BESIDE == _BESIDE) is (entrance == "hosting")
