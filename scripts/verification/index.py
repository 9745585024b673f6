"""How Vector Search behaves: batches, delays, restricts, distances; in Firestore, what a search is billed."""

import asyncio
import math
import secrets
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from google.cloud.firestore import FieldFilter
from google.cloud.firestore_v1.base_vector_query import DistanceMeasure
from google.cloud.firestore_v1.query_profile import ExplainOptions
from google.cloud.firestore_v1.vector import Vector

from scripts.verification.deployment import Deployment
from scripts.verification.findings import Finding, assumed, not_seen, otherwise
from shared.errors import AppError
from shared.gcp import clients
from shared.gcp.vector_calls import VectorCalls
from shared.gcp.vector_index import VectorIndex, VectorSearch
from shared.ingestion.interfaces import Datapoint
from shared.models import SparseVector
from shared.search.interfaces import HybridQuery, Neighbor
from shared.settings import FirestoreSettings, GenAISettings, IndexSettings, ProjectSettings, VectorSettings

BATCH = 100
"""Datapoints a request, as the product sends them."""
PATIENCE = 120.0
"""Seconds until a change must be seen."""
PAUSE = 0.5
PER_READ = 100
"""Entries of the index that one read compares."""
_NEAR = 0.05
"""How far a told similarity may be from the true one: the index keeps single precision, and may quantise."""
NOWHERE = "docent-verification"
"""A collection that nobody's question is asked of: what is written here, nobody finds."""


class _Probe:
    """Datapoints of NOWHERE in the real index, and questions about them."""

    def __init__(self) -> None:
        self._settings = VectorSettings()
        self.writing = VectorCalls(self._settings.index_host)
        self.asking = VectorCalls(self._settings.match_host)
        self.index = VectorIndex(self.writing, self._settings)
        self._search = VectorSearch(self.asking, self._settings)
        self._width = GenAISettings().embedding_dimensions
        self.mark = f"verification-{secrets.token_hex(6)}"
        self.ids = [f"{self.mark}.{number}" for number in range(BATCH)]

    def points(self) -> list[Datapoint]:
        """Two that are looked for, one without a namespace, and as many as make a batch."""
        every = {"collection": (NOWHERE,), "file": (self.mark,)}
        made = [Datapoint(name, self.vector(1.0, 0.0), every, "", SparseVector()) for name in self.ids]
        made[1] = Datapoint(self.ids[1], self.vector(0.6, 0.8), every, "", SparseVector())
        made[2] = Datapoint(self.ids[2], self.vector(1.0, 0.0), {"file": (self.mark,)}, "", SparseVector())
        return made

    def vector(self, first: float, second: float) -> list[float]:
        """A unit vector in the plane of the first two dimensions."""
        return [first, second, *([0.0] * (self._width - 2))]

    async def found(self, allow: Mapping[str, Sequence[str]]) -> dict[str, Neighbor]:
        """What of the probe is near the first axis, under these restricts."""
        query = HybridQuery(self.vector(1.0, 0.0), SparseVector())
        near = await self._search.find(query, allow, 2 * BATCH, 2 * BATCH)
        return {one.chunk_id: one for one in near if one.chunk_id in self.ids}

    async def seen(self, *, wanted: bool) -> float | None:
        """Seconds until all of the batch is found, or nothing of it; None when that does not come."""
        begun = time.monotonic()
        while time.monotonic() - begun < PATIENCE:
            found = await self.found({"file": (self.mark,)})
            if (len(found) == BATCH) if wanted else not found:
                return time.monotonic() - begun
            await asyncio.sleep(PAUSE)
        return None


async def vector_search(there: Deployment) -> AsyncIterator[Finding]:
    """Writes a batch that nobody can find, looks at it in every way the code relies on, and removes it."""
    del there
    if IndexSettings().backend != "vertex":
        return
    probe = _Probe()
    try:
        await probe.index.upsert(probe.points())
        async for finding in _looked(probe):
            yield finding
        await probe.index.remove(probe.ids)
        gone = await probe.seen(wanted=False)
        if gone is None:
            yield otherwise(
                "removal", f"still found after {PATIENCE:.0f} s", "Deleted files answer that long."
            )
        else:
            yield assumed("removal", f"gone after {gone:.1f} s")
    except AppError as error:
        yield not_seen("Vector Search", error.detail)
    finally:
        await probe.writing.close()
        await probe.asking.close()


async def _looked(probe: _Probe) -> AsyncIterator[Finding]:
    seen = await probe.seen(wanted=True)
    if seen is None:
        then = "Either a batch of 100 is too large or changes take longer; look at the index in the console."
        yield otherwise("a batch of 100", f"not found within {PATIENCE:.0f} s", then)
        return
    yield assumed("a batch of 100", f"taken, and found after {seen:.1f} s")
    inside = await probe.found({"file": (probe.mark,), "collection": (NOWHERE,)})
    if probe.ids[2] in inside:
        then = "STOP: the first sieve lets through what names no principal; the second, Drive, still decides."
        yield otherwise("a datapoint without the namespace", "matches an allow list", then)
    else:
        yield assumed("a datapoint without the namespace", "does not match an allow list")
    nowhere = await probe.found({"file": (probe.mark,), "collection": ("elsewhere",)})
    if nowhere:
        then = "STOP: one of the namespaces is enough; questions would search all collections."
        yield otherwise("two namespaces", "are joined by OR", then)
    else:
        yield assumed("two namespaces", "are joined by AND")
    near, far = inside.get(probe.ids[0]), inside.get(probe.ids[1])
    similar = [one.similarity if one and one.similarity is not None else math.nan for one in (near, far)]
    told = f"{similar[0]:.3f} for the same vector, {similar[1]:.3f} for one of cosine 0.6"
    if max(abs(similar[0] - 1), abs(similar[1] - 0.6)) < _NEAR:
        yield assumed("distance of DOT_PRODUCT", f"the product: {told}")
    else:
        then = "STOP: evidence is judged by this; Docent would decline what it should answer."
        yield otherwise("distance of DOT_PRODUCT", told, then)


async def billed(there: Deployment) -> AsyncIterator[Finding]:
    """What one search by vector in Firestore is billed, as Query Explain tells."""
    del there
    if IndexSettings().backend != "firestore":
        return
    store = FirestoreSettings()
    db = clients.firestore(ProjectSettings(), store)
    first = [one async for one in db.client.collection("vectors").limit(1).stream(timeout=store.timeout)]
    reach = first[0].to_dict().get("reach") if first else None
    if not reach:
        yield not_seen("reads of a search by vector", "nothing is indexed yet")
        return
    vectors = db.client.collection("vectors").where(filter=FieldFilter("reach", "array_contains", reach[0]))
    counted = int((await vectors.count().get(timeout=store.timeout))[0][0].value)
    query = vectors.find_nearest(
        vector_field="dense",
        query_vector=Vector([1.0, *([0.0] * 767)]),
        distance_measure=DistanceMeasure.DOT_PRODUCT,
        limit=10,
    )
    try:
        stream: Any = query.stream(explain_options=ExplainOptions(analyze=True), timeout=store.timeout)
        returned = len([one async for one in stream])
        reads = (await stream.get_explain_metrics()).execution_stats.read_operations
    except Exception as error:  # noqa: BLE001 - whatever it is, the check was not possible
        yield not_seen("reads of a search by vector", f"{type(error).__name__}: {error}")
        return
    expected = returned + math.ceil(counted / PER_READ)
    saw = f"{reads} reads for {returned} results of {counted} vectors"
    if reads <= expected:
        yield assumed("reads of a search by vector", f"{saw}; at most {expected} in docs/costs.md")
    else:
        then = f"{expected} in docs/costs.md; from here on {reads / max(1, expected):.1f} times that."
        yield otherwise("reads of a search by vector", saw, then)
