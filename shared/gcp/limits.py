"""Rates, budgets and usage on Google's clients, put together once for the functions."""

from collections.abc import Awaitable, Callable

from shared.gcp.firestore_database import Database
from shared.gcp.firestore_limits import FirestoreCounters
from shared.gcp.firestore_usage import FirestoreUsage
from shared.gcp.identity import own_secrets
from shared.limits import windows
from shared.limits.admission import MICRO, Admissions, Rules
from shared.limits.bookkeeper import Bookkeeper
from shared.limits.ingesting import BudgetedEmbedder, DocumentEmbedder
from shared.limits.prices import NANO, Prices, load
from shared.limits.windows import Limit
from shared.settings import (
    BudgetSettings,
    FirestoreSettings,
    GenAISettings,
    Misconfigured,
    PriceSettings,
    RateSettings,
    SecretsSettings,
)

_PROMPT_TOKENS = 20_000
"""What a usual question's prompt has at most; more is reserved when a prompt turns out to be longer."""


def admissions(db: Database, *, asks: bool) -> Admissions:
    """Counts questions where `asks`, and requests of strangers. Raises Misconfigured."""
    rates, budgets = RateSettings(), BudgetSettings()
    rules = Rules(
        tiers={"standard": _limits("STANDARD", rates.standard), "premium": _limits("PREMIUM", rates.premium)},
        organisation=_limits("ORGANISATION", rates.organisation),
        address=_limits("ADDRESS", rates.address),
        organisation_budget=_micro(budgets.organisation),
        person_budget=_micro(budgets.person),
        reserve=_reserve(prices()) if asks else 0,
        shards=rates.shards,
        enabled=rates.enabled,
    )
    return Admissions(FirestoreCounters(db, rates.timeout), rules)


def bookkeeper(db: Database, store: FirestoreSettings, counting: Admissions | None = None) -> Bookkeeper:
    """Writes usage, and settles what `counting` reserved."""
    return Bookkeeper(FirestoreUsage(db, store.timeout), prices(), counting)


def prices() -> Prices:
    """The price file. Raises BadPrices."""
    return load(PriceSettings().prices_file)


def within_budget(inner: DocumentEmbedder, model: str, db: Database) -> DocumentEmbedder:
    """The embedder of files behind the day's budget, where one is set."""
    budget = BudgetSettings().ingest_day
    if not budget:
        return inner
    counters = FirestoreCounters(db, RateSettings().timeout)
    return BudgetedEmbedder(inner, counters, prices(), model, _micro(budget))


def vector_space(genai: GenAISettings) -> str:
    """The name of what vectors of questions are comparable with: a model and a length."""
    return f"{genai.embedding_model} {genai.embedding_dimensions}"


def genai_of(settings: GenAISettings, space: str) -> GenAISettings:
    """The settings with the model of a space; as they are where it is not known."""
    if not space:
        return settings
    _, model, dimensions = space.rsplit(" ", 2)
    return settings.model_copy(update={"embedding_model": model, "embedding_dimensions": int(dimensions)})


def pepper() -> Callable[[], Awaitable[str]]:
    """The secret under which questions are hashed: the audit trail's keys, read when first needed."""
    settings = SecretsSettings()
    secrets = own_secrets(settings)
    return lambda: secrets.text(settings.audit_keys)


def _reserve(known: Prices) -> int:
    genai = GenAISettings()
    most = {f"{genai.model}:prompt": _PROMPT_TOKENS, f"{genai.model}:output": genai.max_output_tokens}
    return -(-known.cost(most) // MICRO)


def _limits(name: str, text: str) -> tuple[Limit, ...]:
    try:
        return windows.parsed(text)
    except ValueError as error:
        raise Misconfigured(f"RATELIMIT_{name} {error}.") from None


def _micro(dollars: float) -> int:
    return round(dollars * NANO / MICRO)
