"""A month of Docent, by profile, people and how busy they are; and of three others."""

import json
import math
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.record import RESULTS
from shared.limits.prices import NANO, load

_HERE = Path(__file__).parent
MONTH = 730 * 3600
"""Seconds."""
WORKDAYS = 21
GIB = 2**30
PEOPLE = (10, 50, 200, 1_000, 10_000)


@dataclass(frozen=True)
class Busyness:
    """Questions of a person and workday, and the share of files that change on one."""

    questions: float
    changed: float


BUSY = {"idle": Busyness(0, 0), "calm": Busyness(1, 0.01), "busy": Busyness(8, 0.03)}


@dataclass(frozen=True)
class Profile:
    """What terraform/profiles.tf says of a size; a test compares them."""

    backend: str
    entrance: str
    awake: Mapping[str, int]
    node: str = ""
    shard_gib: float = 0
    replicas: int = 0


PROFILES = {
    "economy": Profile("firestore", "hosting", {}),
    "standard": Profile("vertex", "load_balancer", {"chat": 1}, "vector_node_small", 2, 1),
    "scale": Profile(
        "vertex", "load_balancer", {"auth": 1, "chat": 3, "health": 1}, "vector_node_large", 20, 2
    ),
}
MEMORY = {"auth": 0.5, "chat": 1.0, "ingest": 2.0, "health": 0.5}
"""GiB, as terraform/functions.tf has them."""
_BASIC_GB, _S1_GB, _PEOPLE_A_MACHINE = 15, 160, 2_500
OTHERS = ("Gemini Enterprise", "Azure's reference app", "Onyx on a VM")

ASSUMED = {
    "files": "500 and 20 a person",
    "an answer": "200 tokens; the built-in model quotes, and is shorter",
    "seconds of a question": "4 of one vCPU, alone in its instance",
    "seconds of a file": "3 of one vCPU",
    "what a person may read": "half of all chunks; economy compares these, 100 a read",
    "re-embedded of a changed file": "as in the dearest history that `make bench` (edits) measured",
    "a file": "5 pages, for others that bill pages",
    "syncs": "one collection, every ten minutes, a second each",
    "GET /health": "from six places, every quarter of an hour",
}
FILES_BASE, FILES_PERSON, PAGES = 500, 20, 5
ANSWER_TOKENS = 200
SECONDS_QUESTION, SECONDS_FILE = 4.0, 3.0
READABLE, COMPARED_A_READ = 0.5, 100
SYNCS, CHECKS = MONTH / 600, 6 * MONTH / 900
SECONDS_CHECK, SECONDS_SYNC = 0.3, 1.0
CHUNK_BYTES, VECTOR_BYTES = 3_000, 10_000
"""In Firestore, with indexes: a chunk's text; its vector, twice, with its words."""
POINT_BYTES = 768 * 4 + 1_000
IMAGES_GIB, PACKAGES_GIB, ANSWER_BYTES = 3.6, 0.1, 60_000
ALERTS = 11
BACKUP_COPIES = 7 + 14


class Prices:
    """Prices by name, less what is free."""

    def __init__(self, file: Path = _HERE / "prices.toml") -> None:
        self.table: dict[str, dict[str, Any]] = tomllib.loads(file.read_text(encoding="utf-8"))
        self.metered = load()

    def __call__(self, name: str, quantity: float) -> float:
        """Dollars for a month's quantity."""
        one = self.table[name]
        return float(one["price"]) * max(0.0, quantity - float(one.get("free", 0)))

    def unit(self, name: str, quantity: float) -> float:
        """Dollars by the product's own price file; a call or a character has none."""
        return self.metered.units.get(name, 0) * quantity / NANO


@dataclass(frozen=True)
class Load:
    """A month: people, files, chunks; questions asked, files changed."""

    people: int
    files: int
    chunks: float
    questions: float
    changed: float


def counted() -> dict[str, Any]:
    """What benchmarks/cost/measure.py counted."""
    found: dict[str, Any] = json.loads((_HERE / "counts.json").read_text(encoding="utf-8"))
    return found


def reembedded() -> float:
    """The share of a changed file's chunks that is embedded anew: of the histories measured, the dearest."""
    edits = json.loads((RESULTS / "edits.json").read_text(encoding="utf-8"))
    return 1 - float(min(edits["reused"].values()))


def load_of(people: int, busyness: Busyness, counts: Mapping[str, Any]) -> Load:
    """The month of so many people."""
    files = FILES_BASE + FILES_PERSON * people
    return Load(
        people,
        files,
        files * counts["chunks"] / counts["files"],
        people * busyness.questions * WORKDAYS,
        files * busyness.changed * WORKDAYS,
    )


def docent(profile: Profile, people: int, busyness: Busyness, prices: Prices) -> dict[str, float]:
    """Dollars a month by what they are for."""
    counts = counted()[profile.backend]
    month = load_of(people, busyness, counts)
    items = _items(counts, month)
    found = {
        "models": sum(prices.unit(name, n) for name, n in items.items() if name.startswith("gemini")),
        "Firestore": _firestore(profile, month, items, prices),
        "functions": _functions(profile, month, items, prices),
        "alerts, images, traffic": prices("alerts", ALERTS)
        + prices("images", IMAGES_GIB)
        + prices("objects", PACKAGES_GIB)
        + prices("egress", month.questions * ANSWER_BYTES / GIB),
    }
    if profile.node:
        size = month.chunks * POINT_BYTES / GIB
        nodes = profile.replicas * max(1, math.ceil(size / profile.shard_gib))
        written = month.changed / max(1, month.files) * size
        found["Vector Search"] = prices(profile.node, nodes * 730) + prices("vector_writes", written)
    if profile.entrance == "load_balancer":
        asked = items["functions:request"]
        found["load balancer"] = (
            prices("load_balancer", 1) + prices("armor", 1) + prices("armor_requests", asked)
        )
    return found


def _items(counts: Mapping[str, Any], month: Load) -> Counter[str]:
    """What is metered in a month: of questions, and of files that change, of which a part is embedded."""
    items: Counter[str] = Counter()
    for name, count in counts["per_question"].items():
        items[name] += count * month.questions
        if name.endswith(":output"):
            answered = counts["per_question"][f"{name.removesuffix('output')}call"]
            items[name] = ANSWER_TOKENS * answered * month.questions
    for name, count in counts["per_file"].items():
        share = reembedded() if name.startswith("gemini") else 1.0
        items[name] += count * share * month.changed
    return items


def _firestore(profile: Profile, month: Load, items: Mapping[str, float], prices: Prices) -> float:
    reads = items["firestore:read"]
    stored = month.chunks * CHUNK_BYTES
    if profile.backend == "firestore":
        reads += month.questions * READABLE * month.chunks / COMPARED_A_READ
        stored += month.chunks * VECTOR_BYTES
    gib = stored / GIB
    return (
        prices("firestore_reads", reads)
        + prices("firestore_writes", items["firestore:write"])
        + prices("firestore_deletes", items.get("firestore:delete", 0))
        + prices("firestore_storage", gib)
        + prices("firestore_history", gib)
        + prices("firestore_backups", BACKUP_COPIES * gib)
    )


def _functions(profile: Profile, month: Load, items: Mapping[str, float], prices: Prices) -> float:
    seconds = {
        "chat": month.questions * SECONDS_QUESTION,
        "ingest": month.changed * SECONDS_FILE + SYNCS * SECONDS_SYNC,
        "health": CHECKS * SECONDS_CHECK,
    }
    awake = sum(profile.awake.values())
    kept = sum(count * MEMORY[name] for name, count in profile.awake.items())
    return (
        prices("cpu", sum(seconds.values()))
        + prices("memory", sum(count * MEMORY[name] for name, count in seconds.items()))
        + prices("requests", items["functions:request"] + SYNCS + CHECKS)
        + prices("awake_cpu", awake * MONTH)
        + prices("awake_memory", kept * MONTH)
    )


def others(people: int, busyness: Busyness, prices: Prices) -> dict[str, float]:
    """Dollars a month of the three others, with the same questions, tokens and files."""
    counts = counted()["vertex"]
    month = load_of(people, busyness, counts)
    items = _items(counts, month)
    tokens: Counter[str] = Counter()
    for name, count in items.items():
        thing, _, unit = name.partition(":")
        tokens["embedding" if thing.startswith("gemini-embedding") else unit] += (
            count if unit in {"prompt", "output", "token"} else 0
        )
    stored = month.chunks * (CHUNK_BYTES + POINT_BYTES) / 1e9
    search = (
        prices("azure_search_basic", 1)
        if stored <= _BASIC_GB
        else prices("azure_search_s1", math.ceil(stored / _S1_GB))
    )
    azure = (
        search
        + prices("azure_app", max(1, math.ceil(people / 1_000)))
        + prices("azure_prompt", tokens["prompt"])
        + prices("azure_output", tokens["output"])
        + prices("azure_embedding", tokens["embedding"])
        + prices("azure_ranker", month.questions)
        + prices("azure_pages", month.changed * PAGES)
    )
    machines = max(1, math.ceil(people / _PEOPLE_A_MACHINE))
    models = sum(prices.unit(name, n) for name, n in items.items() if name.startswith("gemini-3"))
    onyx = prices("onyx_machine", machines) + prices("onyx_disk", machines) + models
    return dict(zip(OTHERS, (prices("gemini_enterprise", people), azure, onyx), strict=True))


def once(people: int, prices: Prices) -> float:
    """Dollars to embed everything for the first time."""
    counts = counted()["vertex"]
    files = FILES_BASE + FILES_PERSON * people
    return sum(
        prices.unit(name, n) * files
        for name, n in counts["per_file"].items()
        if name.startswith("gemini-embedding")
    )
