"""Each function is told exactly what its code reads."""

import ast
from collections.abc import Callable

import pytest

from tests.terraform.plans import FUNCTIONS, Plan
from tests.terraform.terraform import CHECKOUT
from tests.terraform.wired import settings_classes, wired

pytestmark = pytest.mark.timeout(300)
INDEX = "google_vertex_ai_index"


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


@pytest.mark.parametrize("profile", ["economy", "standard"])
def test_the_index_of_another_model_stands_beside(plan: Callable[..., Plan], profile: str) -> None:
    """Named by `next_embedding`, in the other place; when `index` names that, it is what it was, alone."""
    following = {"model": "gemini-embedding-2", "dimensions": 512}
    before, both = plan(profile=profile), plan(profile=profile, next_embedding=following)
    new = {"GENAI_EMBEDDING_MODEL": "gemini-embedding-2", "GENAI_EMBEDDING_DIMENSIONS": "512"}
    after = plan(profile=profile, index="b", settings=new)
    for name in ("chat", "ingest"):
        told = both.environment(name)
        assert (told["NEXT_EMBEDDING_MODEL"], told["NEXT_EMBEDDING_DIMENSIONS"]) == (
            "gemini-embedding-2",
            "512",
        )
        assert not [one for one in before.environment(name) if one.startswith("NEXT_")]
        if profile == "economy":
            assert (told["SEARCH_VECTORS"], told["NEXT_SEARCH_VECTORS"]) == ("vectors", "vectors_b")
            assert after.environment(name)["SEARCH_VECTORS"] == "vectors_b"

    def indexes(made: Plan) -> dict[str, tuple[object, object]]:
        deployed = {
            one.index: one.known["deployed_index_id"] for one in made.of(f"{INDEX}_endpoint_deployed_index")
        }
        lengths = {one.index: one.known["metadata"][0]["config"][0]["dimensions"] for one in made.of(INDEX)}
        return {place: (length, deployed[place]) for place, length in lengths.items()}

    first, second = {"a": (768, "docent_chunks")}, {"b": (512, "docent_chunks_b")}
    if profile == "standard":
        assert (indexes(before), indexes(both), indexes(after)) == (first, first | second, second)


def test_document_ai_is_there_when_it_is_asked_for(plan: Callable[..., Plan]) -> None:
    """OCR_ENGINE=documentai makes a processor in the region's part of the world, unless one is named."""
    assert not plan().of("google_document_ai_processor")
    for region, place in (("us-central1", "us"), ("europe-west1", "eu")):
        made = plan(region=region, settings={"OCR_ENGINE": "documentai"})
        (processor,) = made.of("google_document_ai_processor")
        assert (processor.known["type"], processor.known["location"]) == ("OCR_PROCESSOR", place)
        assert {"OCR_ENGINE", "OCR_PROCESSOR"} <= set(made.environment("ingest"))
        assert "documentai.googleapis.com" in {one.index for one in made.of("google_project_service")}
    named = {"OCR_ENGINE": "documentai", "OCR_PROCESSOR": "projects/p/locations/eu/processors/1"}
    made = plan(settings=named)
    assert not made.of("google_document_ai_processor")
    assert made.environment("ingest")["OCR_PROCESSOR"] == named["OCR_PROCESSOR"]


def test_exports_have_a_bucket_of_their_own(planned: Plan) -> None:
    """Ingest is told its name, and may write there and nowhere else."""
    own = [one for one in planned.of("google_storage_bucket_iam_member") if one.name == "exports"]
    assert [one.known["role"] for one in own] == ["roles/storage.objectUser"]
    assert own[0].known["member"].startswith("serviceAccount:docent-ingest@")
    assert planned.environment("ingest")["EXPORT_BUCKET"] == own[0].known["bucket"]
