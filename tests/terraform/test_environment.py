"""Each function is told exactly what its code reads."""

import ast
from collections.abc import Callable

import pytest

from tests.terraform.plans import FUNCTIONS, Plan
from tests.terraform.terraform import CHECKOUT
from tests.terraform.wired import settings_classes, wired

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(params=FUNCTIONS)
def name(request: pytest.FixtureRequest) -> str:
    """Each function in turn."""
    found: str = request.param
    return found


@pytest.fixture
def code(name: str) -> dict[str, list[str]]:
    """The settings that the function's code reads, and those that it cannot do without."""
    return wired(name)


def test_terraform_knows_which_settings_each_function_reads(
    plan: Callable[..., Plan], name: str, code: dict[str, list[str]]
) -> None:
    """terraform/reads.json is what the code reads, no setting less and none more."""
    known, read = set(plan().output("reads")[name]), set(code["read"])
    new, gone = sorted(read - known), sorted(known - read)
    assert known == read, f"run .venv/bin/python -m tests.terraform.wired; {name}: new {new}, gone {gone}"


def test_nothing_else_is_set(planned: Plan, name: str, code: dict[str, list[str]]) -> None:
    """A function's environment holds only what its code reads."""
    assert set(planned.environment(name)) <= set(code["read"])


def test_every_value_is_read_by_somebody(plan: Callable[..., Plan]) -> None:
    """Terraform holds no value for a setting that no function reads any more."""
    read = {one for name in FUNCTIONS for one in wired(name)["read"]}
    made = plan(profile="standard", allowed_domains=["example.com"], cors_origins=["https://a.example.com"])
    assert set(made.output("values")) <= read


def test_nothing_is_missing(planned: Plan, name: str, code: dict[str, list[str]], profile: str) -> None:
    """Whatever has no default is set, in every profile, so that each function starts."""
    told = planned.environment(name)
    missing = set(code["required"]) - set(told)
    if told.get("SEARCH_BACKEND") == "firestore":
        assert profile == "economy"
        missing = {one for one in missing if not one.startswith("VECTOR_")}
    assert not missing


def test_what_terraform_makes_is_what_is_told(plan: Callable[..., Plan]) -> None:
    """The names in the environment are those of the plan's own resources."""
    made = plan(profile="standard")
    told = made.environment("ingest")
    queue = made.of("google_cloud_tasks_queue")[0].known
    assert queue["name"] == str(told["TASKS_QUEUE"]).rpartition("/")[2]
    assert told["TASKS_MAX_ATTEMPTS"] == str(queue["retry_config"][0]["max_attempts"])
    secrets = {one.known["secret_id"] for one in made.of("google_secret_manager_secret")}
    assert {value for key, value in told.items() if key.endswith(("_KEYS", "CLIENT_SECRET"))} <= secrets
    index = made.of("google_vertex_ai_index")[0].known["metadata"][0]["config"][0]
    assert told["GENAI_EMBEDDING_DIMENSIONS"] == str(index["dimensions"])


def test_a_setting_of_the_operator_reaches_whoever_reads_it(plan: Callable[..., Plan]) -> None:
    """`settings` goes to the functions that read it, and to no other."""
    given = {"GENAI_MODEL": "another", "MAX_FILE_BYTES": "1000", "TOKEN_EXPIRY_HOURS": "24"}
    made = plan(profile="economy", settings=given)
    for name in FUNCTIONS:
        read = set(wired(name)["read"])
        told = {one: value for one, value in made.environment(name).items() if one in given}
        assert told == {one: value for one, value in given.items() if one in read}


def test_what_was_verified_is_set_and_the_operator_wins(plan: Callable[..., Plan]) -> None:
    """The file of scripts/verify-deployment is Terraform's own; `settings` says the last word."""
    found = {"TRUSTED_PROXY_HOPS": "2", "GENAI_EMBEDDING_INSTANCES": "8", "GENAI_MODEL": "found"}
    made = plan(profile="standard", verified=found, settings={"GENAI_MODEL": "wanted"})
    told = made.environment("ingest")
    assert (told["GENAI_EMBEDDING_INSTANCES"], told["GENAI_MODEL"]) == ("8", "wanted")
    assert made.environment("chat")["TRUSTED_PROXY_HOPS"] == "2"


def test_an_answer_ends_before_its_entrance_ends_it(plan: Callable[..., Plan]) -> None:
    """Firebase Hosting cuts after 60 s; the rest of a question, search above all, needs some of them."""
    assert float(plan(profile="economy").environment("chat")["ANSWER_SECONDS"] or 60) <= 45
    assert "ANSWER_SECONDS" not in plan(profile="standard").environment("chat")


def test_services_are_told_and_do_not_ask() -> None:
    """A settings class is called where functions are wired, so that wiring shows what is read."""
    names = {kind.__name__ for kind in settings_classes()}
    for file in (CHECKOUT / "shared").rglob("*.py"):
        if file.is_relative_to(CHECKOUT / "shared" / "gcp"):
            continue
        calls = [one for one in ast.walk(ast.parse(file.read_text())) if isinstance(one, ast.Call)]
        made = {one.func.id for one in calls if isinstance(one.func, ast.Name)} & names
        assert not made, f"{file} makes {made}"
