"""The only reader of the environment: one class a concern, each made when a function wires itself up.

Every field is documented in docs/settings.md, which a test compares with this file. Secrets are not
here: their names are, and the values come from Secret Manager.
"""

import os
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import ConfigDict, Field, ValidationError, field_validator

from shared.errors import AppError

if TYPE_CHECKING:
    # mypy's plugin of pydantic lets no other model be made without its fields
    from pydantic_settings import BaseSettings
else:
    from pydantic import BaseModel as BaseSettings

_EMULATORS = ("FIRESTORE_EMULATOR_HOST", "FIREBASE_AUTH_EMULATOR_HOST", "STORAGE_EMULATOR_HOST")
_PLACEHOLDERS = ("changeme", "change-me", "changethis", "placeholder", "your-", "example-client", "todo", "<")


class Misconfigured(AppError):
    """The environment cannot be right; the sentence names the variable."""

    status = 500
    code = "misconfigured"
    title = "Misconfigured"


class Settings(BaseSettings):
    """Values out of the environment, by name in upper or lower case, unless they are given.

    pydantic-settings does this and more, for a twentieth of a second of CPU of each cold start.
    """

    model_config = ConfigDict(  # type: ignore[assignment]  # mypy takes this for pydantic-settings' class
        frozen=True, extra="ignore", defer_build=True, validate_default=True
    )

    def __init_subclass__(cls, prefix: str = "", **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.prefix = prefix

    prefix: ClassVar[str] = ""
    """What all names of the class's variables begin with."""

    def __init__(self, **values: Any) -> None:
        read = {}
        for name in type(self).model_fields:
            variable = (self.prefix + name).upper()
            found = os.environ.get(variable, os.environ.get(variable.lower()))
            if found is not None:
                read[name] = found
        try:
            super().__init__(**(read | values))
        except ValidationError as error:
            raise Misconfigured(_sentence(error, self.prefix)) from None


def _sentence(error: ValidationError, prefix: str) -> str:
    """Name the variables that are missing or wrong, never their values."""
    parts = []
    for problem in error.errors(include_input=False, include_url=False):
        variable = prefix + str(problem["loc"][0]).upper() if problem["loc"] else "the environment"
        parts.append(f"{variable}: {problem['msg']}")
    return "The environment is not usable. " + "; ".join(parts)


def _comma_list(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def refuse_emulators_when_deployed() -> None:
    """Raise Misconfigured when an emulator variable is set where K_SERVICE says the function is deployed."""
    if os.environ.get("K_SERVICE"):
        for name in _EMULATORS:
            if os.environ.get(name):
                raise Misconfigured(f"{name} is set on a deployed function; remove it.")


def project_id() -> str:
    """The project, as far as it is known; "" where no function runs."""
    return os.environ.get("GOOGLE_CLOUD_PROJECT", "")


def metadata_host() -> str:
    """Where this machine's own account is to be had, on Google Cloud; "" where another one is to be used."""
    if os.environ.get("GOOGLE_APPLICATION_CREDENTIALS"):
        return ""
    deployed = "metadata.google.internal" if os.environ.get("K_SERVICE") else ""
    return os.environ.get("GCE_METADATA_HOST", deployed)


class ProjectSettings(Settings):
    """Where the organisation's Docent lives."""

    google_cloud_project: str


class FirestoreSettings(Settings, prefix="FIRESTORE_"):
    """The database."""

    database: str = "(default)"
    timeout: float = 5.0
    """Seconds for a read or a commit on a request path."""
    emulator_host: str = ""
    """Another address of Firestore, which everything is sent to in plaintext."""


class SecretsSettings(Settings, prefix="SECRETS_"):
    """Secret Manager: `host` is empty for Google's own."""

    host: str = ""
    timeout: float = 5.0
    client_secret: str = "oauth-client-secret"  # noqa: S105 - a name
    session_keys: str = "session-signing-keys"
    sealing_keys: str = "sealing-keys"
    audit_keys: str = "audit-keys"
    refresh_after: float = 300.0
    """Seconds after which a secret is read again, so that a rotation needs no restart."""


class TasksSettings(Settings, prefix="TASKS_"):
    """Cloud Tasks, and who may call its targets."""

    host: str = ""
    queue: str
    target: str
    """The ingest function's address as Cloud Tasks reaches it; also the audience of its OIDC tokens."""
    service_account: str
    max_attempts: int = Field(8, ge=1)
    """The queue's own max_attempts: at the last one a failure is recorded instead of repeated."""
    timeout: float = 10.0


class SchedulerSettings(Settings, prefix="SCHEDULER_"):
    """The account Cloud Scheduler calls with."""

    service_account: str = ""


class GenAISettings(Settings, prefix="GENAI_"):
    """Gemini and embeddings; `base_url` is empty for Google's own."""

    base_url: str = ""
    location: str = "global"
    model: str = "gemini-3.5-flash-lite"
    embedding_model: str = "gemini-embedding-001"
    embedding_dimensions: int = Field(768, ge=128, le=3072)
    embedding_instances: int = Field(1, ge=1, le=250)
    """Texts a request; gemini-embedding-001 is documented to take one."""
    embedding_concurrency: int = Field(16, ge=1)
    timeout: float = 60.0
    max_output_tokens: int = 1024


class VectorSettings(Settings, prefix="VECTOR_"):
    """Vertex AI Vector Search: the index to write, the deployed index to ask."""

    index: str
    endpoint: str
    deployed_index: str
    index_host: str
    match_host: str
    timeout: float = 10.0


class IndexSettings(Settings, prefix="SEARCH_"):
    """Where the vectors of chunks are kept and searched."""

    backend: Literal["vertex", "firestore"] = "vertex"  # day and night, or by what each question compares
    vectors: Literal["vectors", "vectors_b"] = "vectors"


class NextIndexSettings(Settings, prefix="NEXT_"):
    """The index that is built beside the one of the other settings; none while `embedding_model` is empty."""

    embedding_model: str = ""
    embedding_dimensions: int = Field(768, ge=128, le=3072)
    embedding_instances: int = Field(1, ge=1, le=250)
    search_backend: Literal["", "vertex", "firestore"] = ""
    search_vectors: Literal["vectors", "vectors_b"] = "vectors_b"
    vector_index: str = ""
    vector_deployed_index: str = ""


class RankingSettings(Settings, prefix="RANKING_"):
    """Google's Ranking API, a model that may put the passages in their final order."""

    enabled: bool = False
    url: str = "https://discoveryengine.googleapis.com/"
    model: str = "semantic-ranker-fast@latest"
    timeout: float = 2.0


class DriveSettings(Settings):
    """Google Drive and the Admin SDK's directory."""

    drive_url: str = "https://www.googleapis.com/drive/v3/"
    directory_url: str = "https://admin.googleapis.com/"
    drive_timeout: float = 10.0
    drive_download_timeout: float = 300.0
    max_file_bytes: int = 50 * 1024 * 1024
    drive_connector_secret: str = ""
    """The secret that holds an admin's own grant for the connector; empty: the function's account."""
    drive_push_url: str = ""
    """Docent's address as Drive can post to it; empty: no push, the feed is only read on schedule."""


class OcrSettings(Settings):
    """Who reads pictures of text: the Gemini model of GENAI_MODEL, or a Document AI processor."""

    ocr_engine: Literal["gemini", "documentai"] = "gemini"
    ocr_processor: str = ""
    """projects/{project}/locations/{location}/processors/{id}, of type OCR_PROCESSOR."""
    ocr_timeout: float = 120.0
    documentai_url: str = ""  # when Document AI is not at the processor's own location


class ExportSettings(Settings):
    """Where collections are exported to; STORAGE_EMULATOR_HOST is another address of Cloud Storage."""

    export_bucket: str = ""
    """A bucket that the ingest function may write to and read from; empty: no exports from here."""
    export_timeout: float = 60.0
    storage_emulator_host: str = ""


class AccessSettings(Settings):
    """By what the right to a file is decided."""

    file_rights: Literal["drive", "recorded"] = "drive"
    """Asked of Drive with the asker's own grant, or read from what was recorded at the last sync."""


class AuthSettings(Settings):
    """Sign-in: who may, through which client, and where the browser is sent back to."""

    google_client_id: str
    google_issuer: str = "https://accounts.google.com"
    oauth_redirect_uri: str
    frontend_url: str
    allowed_domains: list[str] = Field([])
    admin_emails: list[str] = Field([])
    token_expiry_hours: int = Field(168, ge=1)
    refresh_token_expiry_days: int = Field(30, ge=1)
    google_timeout: float = 10.0

    _split = field_validator("allowed_domains", "admin_emails", mode="before")(_comma_list)

    @field_validator("google_client_id")
    @classmethod
    def _real(cls, value: str) -> str:
        if any(mark in value.lower() for mark in _PLACEHOLDERS):
            raise ValueError("is a placeholder; put the OAuth client's id there")
        return value


class FirebaseSettings(Settings):
    """Sign-in through Firebase Authentication: off while `firebase_project` is empty."""

    firebase_project: str = ""
    firebase_app_check: bool = False
    """Whether POST /auth/firebase needs an App Check token too."""
    firebase_certs_url: str = ""
    identity_toolkit_url: str = ""
    app_check_jwks_url: str = ""
    """Where certificates, accounts and App Check's keys are, when they are not Google's."""
    firebase_timeout: float = 5.0


class WebSettings(Settings):
    """What stands in front of the functions."""

    trusted_proxy_hops: int = Field(0, ge=0, le=5)
    """Proxies of ours that append to X-Forwarded-For after Google's front end: 1 behind a load balancer."""
    client_place_header: str = ""
    """A header in which the load balancer names the client's city or country."""


class SessionSettings(Settings):
    """How a function checks who is asking: the public keys of auth, and the origins it trusts."""

    auth_jwks_url: str
    google_issuer: str = "https://accounts.google.com"
    frontend_url: str
    cors_origins: list[str] = Field([])
    jwks_timeout: float = 5.0

    _split = field_validator("cors_origins", mode="before")(_comma_list)

    @field_validator("cors_origins")
    @classmethod
    def _exact(cls, value: list[str]) -> list[str]:
        if any("*" in origin or not origin.startswith(("https://", "http://")) for origin in value):
            raise ValueError("must list whole origins, such as https://app.example.com; no wildcard")
        return [origin.rstrip("/") for origin in value]


class AnswerSettings(Settings, prefix="ANSWER_"):
    """What is shown of an answer, and how long it may take."""

    unsupported: Literal["mark", "drop"] = "drop"
    """What happens to a sentence that its sources do not say."""
    seconds: float = Field(60.0, gt=0)
    """The longest the model may take for an answer; then passages are quoted."""
    table_plans: bool = True
    """Whether the model may plan a computation over a table that the rules do not understand."""
    grounding: bool = False
    """Whether Google's check-grounding API must also find each sentence in its sources."""
    grounding_url: str = "https://discoveryengine.googleapis.com/"
    grounding_threshold: float = Field(0.6, ge=0, le=1)
    grounding_timeout: float = 2.0


class SearchSettings(Settings, prefix="SEARCH_"):
    """How much is looked for, and how sure Docent must be before it answers."""

    candidates: int = Field(100, ge=1, le=1000)
    passages: int = Field(8, ge=1, le=50)
    per_file: int = Field(6, ge=1)
    evidence_threshold: float = Field(0.49, ge=0, le=1)
    """Evidence below which Docent says that it is not in the documents, without asking the model."""
    access_memory: float = 60.0
    """Seconds an answer of Drive's about one person's right to one file is remembered."""


class RateSettings(Settings, prefix="RATELIMIT_"):
    """How often one may ask: "10/minute, 50/hour, 200/day"; empty for no limit."""

    enabled: bool = True
    standard: str = "10/minute, 50/hour, 200/day"
    """Questions of one person of the tier "standard"."""
    premium: str = "20/minute, 100/hour, 500/day"
    organisation: str = "600/minute, 50000/day"
    """Questions of everybody together."""
    address: str = "120/minute, 2000/hour"
    """Requests of the sign-in from one address; an office is often one address."""
    timeout: float = 2.0
    """Seconds for counting; after them no question is taken."""
    shards: int = Field(1, ge=1, le=64)
    """Documents over which the organisation's counters are spread."""


class BudgetSettings(Settings, prefix="BUDGET_"):
    """US dollars that may be spent; 0 for no budget."""

    organisation: float = Field(0, ge=0, le=60_000)
    """A month, everybody together."""
    person: float = Field(0, ge=0, le=60_000)
    """A month, each person."""
    ingest_day: float = Field(0, ge=0, le=60_000)
    """A day, for embedding the organisation's files."""


class TracingSettings(Settings, prefix="TRACING_"):
    """Where spans are written."""

    url: str = ""
    """Cloud Trace's address, https://cloudtrace.googleapis.com; empty: spans are counted and not kept."""
    timeout: float = 5.0


class HealthSettings(Settings):
    """What GET /health looks at besides Firestore; an empty address is Google's own, or not looked at."""

    auth_jwks_url: str
    google_issuer: str = "https://accounts.google.com"
    genai_base_url: str = ""
    genai_location: str = "global"
    vector_match_host: str = ""
    tasks_host: str = ""
    drive_url: str = "https://www.googleapis.com/drive/v3/"


class PriceSettings(Settings):
    """What Google charges."""

    prices_file: str = ""
    """A file of the form of shared/limits/prices.toml; empty for that one."""


class CacheSettings(Settings, prefix="CACHE_"):
    """What is kept so that it need not be asked twice."""

    enabled: bool = True
    memory_bytes: int = Field(32 * 1024 * 1024, ge=0)
    answer_hours: float = Field(24, gt=0)
    embedding_days: float = Field(30, gt=0)
    lease: float = Field(10, ge=1)
    """Seconds without a sign of life after which nobody waits for whoever answers the same question."""
