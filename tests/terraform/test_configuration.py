"""The configuration as Terraform sees it: formatted, valid, planned, tested, each planted mistake found."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.terraform.plans import Plan
from tests.terraform.terraform import CONFIGURATION, Terraform

pytestmark = pytest.mark.timeout(300)

MISTAKES = {
    "a resource that does not exist": (
        "tasks.tf",
        '"google_cloud_tasks_queue" "',
        '"google_cloud_task_queue" "',
        "does not support resource type",
    ),
    "an argument that does not exist": (
        "tasks.tf",
        "max_dispatches_per_second",
        "max_dispatches_per_minute",
        "Unsupported argument",
    ),
    "a block that does not exist": ("tasks.tf", "retry_config {", "retries {", "Unsupported block type"),
    "an argument that is missing": (
        "firestore.tf",
        '  retention = "604800s"\n',
        "",
        "Missing required argument",
    ),
    "a block that is missing": (
        "secrets.tf",
        "  replication {",
        '  topics {\n    name = "x"\n  }\n\n  rotation {',
        "Insufficient replication blocks",
    ),
    "a block too many": (
        "tasks.tf",
        "  rate_limits {",
        "  rate_limits {\n  }\n\n  rate_limits {",
        "Too many rate_limits blocks",
    ),
    "a value of another type": (
        "tasks.tf",
        "sampling_ratio = 1",
        'sampling_ratio = "all"',
        "Incorrect attribute value type",
    ),
    "a value that Google decides": (
        "firestore.tf",
        'type                              = "F',
        'uid = "x"\n  type                              = "F',
        "Value for unconfigurable attribute",
    ),
    "a reference to nothing": (
        "tasks.tf",
        "local.members.ingest",
        "local.memebers.ingest",
        "Reference to undeclared local value",
    ),
    "a reference to no resource": (
        "firestore.tf",
        "google_firestore_database.docent.name",
        "google_firestore_database.dozent.name",
        "Reference to undeclared resource",
    ),
    "a result that does not exist": (
        "settings.tf",
        "].public_endpoint_domain_name",
        "].public_endpoint_domain",
        "Unsupported attribute",
    ),
    "a variable that is not declared": (
        "apis.tf",
        "var.billing_account",
        "var.billing_acount",
        "Reference to undeclared input variable",
    ),
    "a function that does not exist": (
        "scheduler.tf",
        "jsonencode(",
        "json_encode(",
        "Call to unknown function",
    ),
    "an output of nothing": (
        "outputs.tf",
        "google_cloud_tasks_queue.ingest.id",
        "google_cloud_tasks_queue.ingest.path",
        "Unsupported attribute",
    ),
    "the same name twice": (
        "tasks.tf",
        '"google_service_account_iam_member" "task_tokens"',
        '"google_cloud_tasks_queue" "ingest"',
        "Duplicate resource",
    ),
    "a brace that is not closed": (
        "budget.tf",
        "  amount {\n",
        "  amount\n",
        "Invalid block definition|Unclosed configuration block|Argument or block",
    ),
    "an unknown data source": (
        "versions.tf",
        'data "google_project"',
        'data "google_projct"',
        "does not support data source",
    ),
    "a wrong argument of the provider": (
        "versions.tf",
        "user_project_override",
        "user_project_overide",
        "Unsupported argument",
    ),
    "a lifecycle rule that is none": (
        "kms.tf",
        "prevent_destroy",
        "prevent_destruction",
        "Unsupported argument",
    ),
    "a cycle": (
        "kms.tf",
        "  rotation_period ",
        "  depends_on = [google_kms_crypto_key_iam_member.services]\n  rotation_period ",
        "Cycle",
    ),
}
"""File, what is changed, into what, and what Terraform says then."""


def test_it_is_formatted(tf: Terraform) -> None:
    """`terraform fmt -check -recursive` finds nothing to do."""
    ended = tf(CONFIGURATION, "fmt", "-check", "-recursive", "-no-color")
    assert ended.code == 0, f"run terraform fmt: {ended.said}"


def test_it_is_valid(tf: Terraform, folder: Path) -> None:
    """`terraform validate` accepts it, against the schema of the provider that the lock file names."""
    ended = tf(folder, "validate", "-no-color")
    assert ended.code == 0, ended.said


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_found(tf: Terraform, folder: Path, tmp_path: Path, mistake: str) -> None:
    """A slip of each kind is refused, in words that name it."""
    file, right, wrong, says = MISTAKES[mistake]
    shutil.copytree(folder, tmp_path / "copy")
    text = (tmp_path / "copy" / file).read_text()
    assert right in text, f"{file} has changed; plant the mistake elsewhere"
    (tmp_path / "copy" / file).write_text(text.replace(right, wrong, 1))
    ended = tf(tmp_path / "copy", "validate", "-no-color")
    assert ended.code == 1, f"{mistake} went unseen"
    assert re.search(says, ended.said), ended.said


def test_terraform_test_passes(tf: Terraform, folder: Path) -> None:
    """Every run of terraform/tests passes with a mocked provider."""
    ended = tf(folder, "test", "-no-color")
    assert ended.code == 0, ended.said
    assert re.search(r"Success! \d\d passed, 0 failed", ended.said), ended.said


def test_every_profile_can_be_planned(planned: Plan) -> None:
    """`terraform plan` makes resources only: nothing is changed or destroyed in an empty project."""
    assert {tuple(one["change"]["actions"]) for one in planned.shown["resource_changes"]} <= {
        ("create",),
        ("read",),
    }
    assert len(planned.resources) > 80


def test_the_lock_file_names_what_was_checked(plan: Callable[..., Plan]) -> None:
    """The locked provider is the one whose schema these tests use, and fits what is asked for."""
    locked = (CONFIGURATION / ".terraform.lock.hcl").read_text()
    asked = plan().shown["configuration"]["provider_config"]["google"]["version_constraint"]
    assert 'version     = "6.50.0"' in locked
    assert asked.replace(" ", "") == ">=6.50,<8".replace(" ", "") or asked == ">= 6.50.0, < 8.0.0"
    assert locked.count("registry.terraform.io/") == 1, "one provider, and nothing from elsewhere"


def test_nothing_is_run_and_nothing_is_fetched() -> None:
    """No provisioner, no module from a registry, no external program: what is planned is what is made."""
    for file in CONFIGURATION.rglob("*.tf"):
        assert not re.search(r'\b(provisioner|module) "|data "(external|http)"', file.read_text()), file
