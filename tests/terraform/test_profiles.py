"""What each profile makes, and what is kept safe in all of them."""

from collections.abc import Callable
from itertools import pairwise

import pytest

from tests.terraform.plans import FUNCTIONS, Plan

_AWAKE = {
    "google_vertex_ai_index_endpoint_deployed_index",
    "google_compute_global_forwarding_rule",
}
"""What costs money while nobody asks."""


def test_only_economy_sleeps(planned: Plan, profile: str) -> None:
    """In economy nothing runs while nobody asks: no machine, no load balancer, no instance kept awake."""
    kept = sum(planned.function(name).known["service_config"][0]["min_instance_count"] for name in FUNCTIONS)
    assert bool(planned.kinds() & _AWAKE) == (profile != "economy")
    assert bool(kept) == (profile != "economy")


def test_profiles_grow(plan: Callable[..., Plan]) -> None:
    """A larger profile has at least as many instances of each function, and as many tasks at once."""
    sizes = []
    for profile in ("economy", "standard", "scale"):
        made = plan(profile=profile)
        most = [made.function(name).known["service_config"][0]["max_instance_count"] for name in FUNCTIONS]
        at_once = made.of("google_cloud_tasks_queue")[0].known["rate_limits"][0]["max_concurrent_dispatches"]
        sizes.append([*most, at_once])
    assert all(
        small <= large
        for first, second in pairwise(sizes)
        for small, large in zip(first, second, strict=True)
    )


def test_an_index_takes_changes_one_by_one(planned: Plan) -> None:
    """Upserts need STREAM_UPDATE, and unit vectors under the dot product are compared by their angle."""
    for index in planned.of("google_vertex_ai_index"):
        config = index.known["metadata"][0]["config"][0]
        assert index.known["index_update_method"] == "STREAM_UPDATE"
        assert (config["distance_measure_type"], config["feature_norm_type"]) == (
            "DOT_PRODUCT_DISTANCE",
            "UNIT_L2_NORM",
        )


def test_data_can_be_brought_back(planned: Plan) -> None:
    """Seven days by the minute, a week of days, fourteen weeks of Sundays; buckets keep old versions."""
    database = planned.of("google_firestore_database")[0].known
    assert database["point_in_time_recovery_enablement"] == "POINT_IN_TIME_RECOVERY_ENABLED"
    assert {one.known["retention"] for one in planned.of("google_firestore_backup_schedule")} == {
        "604800s",
        "8467200s",
    }
    assert all(
        one.known["versioning"][0]["enabled"]
        for one in planned.of("google_storage_bucket")
        if one.name != "page"
    )


def test_a_function_ends_before_its_task_is_sent_again(planned: Plan) -> None:
    """Cloud Tasks waits fifteen minutes for an answer; ingest gives up earlier."""
    assert planned.function("ingest").known["service_config"][0]["timeout_seconds"] < 15 * 60


@pytest.mark.parametrize(("size", "entrance"), [("economy", "load_balancer"), ("scale", "hosting")])
def test_either_entrance_fits_each_profile(plan: Callable[..., Plan], size: str, entrance: str) -> None:
    """The variable decides, not the profile."""
    made = plan(profile=size, entrance=entrance)
    assert made.output("entrance") == entrance
    assert ("google_compute_security_policy" in made.kinds()) == (entrance == "load_balancer")


def test_a_changed_package_is_a_new_object(plan: Callable[..., Plan]) -> None:
    """The zip's hash is in its name: the only thing by which a function sees that its code has changed."""
    for one in plan().of("google_storage_bucket_object"):
        if one.name == "packages":
            assert (
                one.known["name"]
                == f"{one.index}-8739c76e681f900923b900c9df0ef75cf421d39cabb54650c4b9ad19b6a76d85.zip"
            )


def test_every_service_that_is_used_is_switched_on(planned: Plan) -> None:
    """Each kind of resource finds its API enabled by the same plan."""
    apis = {one.index for one in planned.of("google_project_service")}
    needs = {
        "google_artifact_registry": "artifactregistry",
        "google_cloud_run": "run",
        "google_cloud_scheduler": "cloudscheduler",
        "google_cloud_tasks": "cloudtasks",
        "google_cloudfunctions2": "cloudfunctions",
        "google_compute": "compute",
        "google_firestore": "firestore",
        "google_logging": "logging",
        "google_monitoring": "monitoring",
        "google_project_iam_custom_role": "iam",
        "google_secret_manager": "secretmanager",
        "google_service_account": "iam",
        "google_storage": "storage",
        "google_vertex_ai": "aiplatform",
    }
    for kind in planned.kinds() - {"google_project_service", "google_project_iam_member"}:
        (api,) = {api for prefix, api in needs.items() if kind.startswith(prefix)}
        assert f"{api}.googleapis.com" in apis, kind
