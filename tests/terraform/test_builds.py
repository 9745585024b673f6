"""cloudbuild.yaml: what is tested is what is applied, after a person has agreed, by an account of its own."""

import re
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from tests.terraform.plans import Plan
from tests.terraform.terraform import CHECKOUT

_REPOSITORY = "projects/docent-check/locations/us-central1/connections/c/repositories/docent"
_ORDER = ["check", "test", "package", "plan", "keep", "note", "apply", "smoke", "rollback"]


@pytest.fixture(scope="module")
def build() -> dict[str, Any]:
    """The file, parsed."""
    found: dict[str, Any] = yaml.safe_load((CHECKOUT / "cloudbuild.yaml").read_text())
    return found


def _words(build: dict[str, Any]) -> dict[str, str]:
    return {step["id"]: step["args"][-1] for step in build["steps"]}


def test_its_steps_are_in_order(build: dict[str, Any]) -> None:
    """Checked and tested before it is packaged and planned; noted before it is applied; asked afterwards."""
    assert [step["id"] for step in build["steps"]] == _ORDER


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
    for name in ("note", "apply", "smoke", "rollback"):
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
