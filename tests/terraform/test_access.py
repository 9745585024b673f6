"""Who may do what, as planned: nothing public but what is meant, secrets granted and never held, no keys."""

import re
from collections.abc import Callable
from typing import Any

from tests.terraform.plans import FUNCTIONS, Plan, Resource
from tests.terraform.terraform import CONFIGURATION

_EVERYBODY = {"allUsers", "allAuthenticatedUsers"}


def _members(resource: Resource) -> set[str]:
    known = resource.known
    return {known["member"]} if known.get("member") else set(known.get("members") or [])


def test_only_the_four_functions_are_open_to_all(planned: Plan) -> None:
    """Everybody may call the functions, which ask who is there, and behind a load balancer read the page."""
    found = {
        (one.type, one.known["role"], one.known.get("name") or one.known.get("bucket"))
        for one in planned.resources
        if _members(one) & _EVERYBODY
    }
    functions = {
        ("google_cloud_run_v2_service_iam_member", "roles/run.invoker", f"docent-{name}")
        for name in FUNCTIONS
    }
    page = {("google_storage_bucket_iam_member", "roles/storage.objectViewer", "docent-check-docent-page")}
    assert found == functions | (page if planned.output("entrance") == "load_balancer" else set())


def test_behind_a_load_balancer_nobody_passes_it_by(planned: Plan) -> None:
    """Functions take only what comes through the load balancer, where there is one."""
    expected = "ALLOW_INTERNAL_AND_GCLB" if planned.output("entrance") == "load_balancer" else "ALLOW_ALL"
    for name in FUNCTIONS:
        assert planned.function(name).known["service_config"][0]["ingress_settings"] == expected


def test_buckets_with_data_are_closed(planned: Plan) -> None:
    """All but the page's refuse public access whatever their grants say, and have no access lists."""
    for bucket in planned.of("google_storage_bucket"):
        assert bucket.known["uniform_bucket_level_access"] is True
        if bucket.name != "page":
            assert bucket.known["public_access_prevention"] == "enforced"


def test_every_secret_has_a_reader_and_no_value(planned: Plan) -> None:
    """Each secret is granted to a function, on itself, and nothing in the plan could hold a value of one."""
    granted = {one.index.split("-", 1)[1] for one in planned.of("google_secret_manager_secret_iam_member")}
    assert granted == {
        one.known["secret_id"].removeprefix("docent-") for one in planned.of("google_secret_manager_secret")
    }
    assert "google_secret_manager_secret_version" not in planned.kinds()
    assert not re.search(r"secret_data|private_key|password", str(_values(planned)))


def test_secrets_are_what_the_code_asks_for(plan: Callable[..., Plan]) -> None:
    """Each secret's name reaches the functions in the setting that the code reads it from."""
    made = plan()
    for secret in made.of("google_secret_manager_secret"):
        assert secret.known["secret_id"] == made.environment("auth")[secret.index]


def test_there_are_no_keys_of_accounts(planned: Plan) -> None:
    """No service account has a key that could be lost."""
    assert "google_service_account_key" not in planned.kinds()


def test_each_function_has_an_account_of_its_own(planned: Plan) -> None:
    """And it is its own that it runs with; Cloud Tasks, Cloud Scheduler and builds have others."""
    for name in FUNCTIONS:
        config = planned.function(name).known["service_config"][0]
        assert config["service_account_email"] == f"docent-{name}@docent-check.iam.gserviceaccount.com"
    made = {one.known["account_id"] for one in planned.of("google_service_account")}
    assert made == {f"docent-{name}" for name in (*FUNCTIONS, "tasks", "scheduler", "build")}


def test_accounts_of_tasks_and_scheduler_may_do_nothing(planned: Plan) -> None:
    """They say who is calling; no role is theirs."""
    for one in planned.resources:
        for member in _members(one):
            assert not member.startswith(
                ("serviceAccount:docent-tasks@", "serviceAccount:docent-scheduler@")
            ), one.address


def test_no_role_is_basic_and_no_grant_is_exclusive(plan: Callable[..., Plan]) -> None:
    """No owner, editor or viewer, and no binding or policy that would take away what others granted."""
    made = plan(profile="scale", repository="projects/p/locations/l/connections/c/repositories/r")
    roles = {one.known.get("role") for one in made.resources}
    assert not roles & {"roles/owner", "roles/editor", "roles/viewer"}
    assert not [kind for kind in made.kinds() if kind.endswith(("_iam_policy", "_iam_binding"))]


def test_a_plan_says_who_gets_what(planned: Plan) -> None:
    """Every grant names role and member before anything exists, so that a plan can be judged."""
    for one in planned.resources:
        if "_iam_member" in one.type:
            assert one.known.get("role"), one.address
            assert one.known.get("member"), one.address


def test_firestore_is_granted_by_database(planned: Plan) -> None:
    """The role that is given for a whole project is narrowed to the one database."""
    for one in planned.of("google_project_iam_member"):
        if one.known["role"] == "roles/datastore.user":
            assert one.known["condition"][0]["expression"].endswith('databases/(default)"')


def test_no_address_or_secret_of_anybody_is_written_down() -> None:
    """The configuration names no project, billing account, organisation or key."""
    for file in CONFIGURATION.glob("*.tf"):
        assert not re.search(
            r"[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}|organizations/\d|BEGIN |AIza|GOCSPX", file.read_text()
        )


def _values(planned: Plan) -> list[Any]:
    return [dict(one.known) for one in planned.resources]
