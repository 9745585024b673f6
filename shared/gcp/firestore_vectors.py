"""The vector index in Firestore, both sides, for organisations that want nothing that runs day and night.

`vectors/{chunk id}`, or `vectors_b/{chunk id}` of another index beside it: `dense`, a vector, and `floats`,
the same packed; `words`, the places of its sparse vector, and `weights`, places and values packed;
`restricts`; and `reach`, the tokens that a query filters by.
Firestore filters by one array a query and can neither search sparse vectors nor fuse, so a token names a
person or group together with one collection or folder, and the two lists are fused here. Every vector is
compared; of words only the rarest are looked for, in what is near and in what else has them.

Reads that Google bills, for a question: for each of the asker's principals at most twice `limit` documents
and one for every hundred vectors compared; for each of the rarest words at most `OF_WORD` documents.
"""

import asyncio
import sys
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import mul
from typing import TYPE_CHECKING, Any, Literal

from shared.gcp.failures import translated
from shared.gcp.firestore_database import Database
from shared.gcp.patience import patience
from shared.ingestion.interfaces import Datapoint
from shared.models import SparseVector
from shared.search.interfaces import HybridQuery, Neighbor

if TYPE_CHECKING:
    from google.cloud.firestore import AsyncCollectionReference, AsyncQuery

_BATCH = 200
"""Documents a request; of 768 dimensions about 9 kB each, far below the 10 MiB of one request."""
MOST_DIMENSIONS = 768
"""What terraform/firestore_indexes.tf declares. Shorter vectors are filled up with zeros, which changes no
dot product; longer ones need another index."""
_NEAREST = 1_000
"""The most that one search by vector gives."""
_WIDER = 2
"""Nearest chunks that are fetched for each that is wanted: words are only compared in what was found."""
_RAREST, OF_WORD = 5, 100
"""The question's rarest words that are looked for, and documents of each."""
_RRF = 60
"""The constant of reciprocal rank fusion, as Vector Search has it."""
_NARROW = ("file", "folder", "collection")
"""The namespaces that a token may name beside a principal, the narrowest first."""
_PROJECTION = ("restricts", "weights", "nearness")


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that a query found; when it was by its words, `floats` has the vector to tell how near."""

    nearness: float | None
    score: float
    floats: bytes


class FirestoreIndex:
    """Index on Firestore. `timeout` is seconds for one call."""

    def __init__(self, db: Database, timeout: float, collection: str = "vectors") -> None:
        self._db, self._collection, self._timeout = db, collection, timeout

    @property
    def _vectors(self) -> "AsyncCollectionReference":
        return self._db.client.collection(self._collection)

    async def upsert(self, datapoints: Sequence[Datapoint]) -> None:
        """Write, replacing."""
        from google.cloud.firestore_v1.vector import Vector

        def write(batch: Any, point: Datapoint) -> None:
            document = {
                **_rights(point.restricts),
                "dense": Vector(_filled(point.vector)),
                "floats": _bytes(array("f", point.vector)),
                "words": list(point.sparse.dimensions),
                "weights": _packed(point.sparse),
            }
            batch.set(self._vectors.document(point.id), document)

        await self._write(datapoints, write)

    async def restrict(self, ids: Sequence[str], restricts: dict[str, tuple[str, ...]]) -> None:
        """Replace the restricts of existing datapoints, leaving the vectors. Raises NotFound for others."""
        await self._write(
            ids, lambda batch, name: batch.update(self._vectors.document(name), _rights(restricts))
        )

    async def remove(self, ids: Sequence[str]) -> None:
        """Remove; what is absent is no error."""
        await self._write(ids, lambda batch, name: batch.delete(self._vectors.document(name)))

    async def _write(self, items: Sequence[Any], put: Any) -> None:
        for start in range(0, len(items), _BATCH):
            batch = self._db.client.batch()
            for item in items[start : start + _BATCH]:
                put(batch, item)
            async with translated("Firestore"):
                await batch.commit(**patience(self._timeout))


class FirestoreContents:
    """IndexReader on Firestore. `timeout` is seconds for one call."""

    def __init__(self, db: Database, timeout: float, collection: str = "vectors") -> None:
        self._db, self._collection, self._timeout = db, collection, timeout

    @property
    def _vectors(self) -> "AsyncCollectionReference":
        return self._db.client.collection(self._collection)

    async def read(self, ids: Sequence[str]) -> Mapping[str, Datapoint]:
        """Those of the datapoints that exist, with their vectors."""
        found: dict[str, Datapoint] = {}
        for start in range(0, len(ids), _BATCH):
            references = [self._vectors.document(name) for name in ids[start : start + _BATCH]]
            async with translated("Firestore"):
                async for snapshot in self._db.client.get_all(references, **patience(self._timeout)):
                    if snapshot.exists:
                        found[snapshot.id] = _datapoint(snapshot.id, snapshot.to_dict() or {})
        return found


class FirestoreNeighbors:
    """NeighborFinder on Firestore. `timeout` is seconds for one call."""

    def __init__(self, db: Database, timeout: float, collection: str = "vectors") -> None:
        self._db, self._collection, self._timeout = db, collection, timeout

    @property
    def _vectors(self) -> "AsyncCollectionReference":
        return self._db.client.collection(self._collection)

    async def find(
        self, query: HybridQuery, allow: Mapping[str, Sequence[str]], limit: int, per_file: int
    ) -> Sequence[Neighbor]:
        """The nearest by meaning and by words, fused by reciprocal rank; at most `per_file` of one file."""
        weights = dict(zip(query.sparse.dimensions, query.sparse.values, strict=True))
        rarest = sorted(weights, key=lambda place: -weights[place])[:_RAREST]
        queries = [
            *(self._nearest(token, query.vector, min(_WIDER * limit, _NEAREST)) for token in _wanted(allow)),
            *(self._holding(place) for place in rarest),
        ]
        answers = await asyncio.gather(*(self._hits(each, allow, weights) for each in queries))
        found: dict[str, Hit] = {}
        for answer in answers:
            for name, hit in answer.items():
                if name not in found or found[name].nearness is None:
                    found[name] = hit
        kept = _uncrowded(_fused(found, query.dense_share, limit), limit, per_file)
        return tuple(Neighbor(name, _similarity(found[name], query.vector)) for name in kept)

    def _nearest(self, token: str, vector: Sequence[float], limit: int) -> Any:
        from google.cloud.firestore_v1.base_query import FieldFilter
        from google.cloud.firestore_v1.base_vector_query import DistanceMeasure
        from google.cloud.firestore_v1.vector import Vector

        readable: AsyncQuery = self._vectors.where(filter=FieldFilter("reach", "array_contains", token))
        return readable.select(_PROJECTION).find_nearest(
            "dense",
            Vector(_filled(vector)),
            limit=limit,
            distance_measure=DistanceMeasure.DOT_PRODUCT,
            distance_result_field="nearness",
        )

    def _holding(self, place: int) -> Any:
        from google.cloud.firestore_v1.base_query import FieldFilter

        holding: AsyncQuery = self._vectors.where(filter=FieldFilter("words", "array_contains", place))
        return holding.select((*_PROJECTION, "floats")).limit(OF_WORD)

    async def _hits(
        self, query: Any, allow: Mapping[str, Sequence[str]], weights: Mapping[int, float]
    ) -> dict[str, Hit]:
        """What a query finds and the restricts allow."""
        found: dict[str, Hit] = {}
        async with translated("Firestore"):
            async for snapshot in query.stream(**patience(self._timeout)):
                document = snapshot.to_dict() or {}
                if _allowed(document.get("restricts", {}), allow):
                    score = _product(document.get("weights", b""), weights)
                    found[snapshot.id] = Hit(document.get("nearness"), score, document.get("floats", b""))
        return found


def _datapoint(name: str, document: Mapping[str, Any]) -> Datapoint:
    places, values = _unpacked(document["weights"])
    return Datapoint(
        name,
        list(_numbers("f", document["floats"])),
        {space: tuple(tokens) for space, tokens in document["restricts"].items()},
        name.rpartition(".")[0],
        SparseVector(tuple(places), tuple(values)),
    )


def _rights(restricts: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The fields that say who finds a chunk, and where."""
    narrow = [f"{space}={token}" for space in _NARROW for token in restricts.get(space, ())]
    principals = restricts.get("principal", ())
    return {
        "restricts": {space: list(tokens) for space, tokens in restricts.items()},
        "reach": [
            *(f"file={token}" for token in restricts.get("file", ())),
            *(f"principal={one}" for one in principals),
            *(f"principal={one} {place}" for one in principals for place in narrow if place[:5] != "file="),
        ],
    }


def _wanted(allow: Mapping[str, Sequence[str]]) -> list[str]:
    """The tokens that together reach all that is allowed, and more only when two places are named."""
    if allow.get("file"):
        return [f"file={token}" for token in allow["file"]]
    space = next((each for each in _NARROW if allow.get(each)), None)
    principals = allow.get("principal", ())
    if space is None:
        return [f"principal={one}" for one in principals]
    return [f"principal={one} {space}={token}" for one in principals for token in allow[space]]


def _allowed(restricts: Mapping[str, Sequence[str]], allow: Mapping[str, Sequence[str]]) -> bool:
    """Whether one of the allowed tokens is there in every namespace."""
    return all(set(tokens).intersection(restricts.get(space, ())) for space, tokens in allow.items())


def _packed(vector: SparseVector) -> bytes:
    """Places, then weights, as little-endian numbers of 32 bits."""
    return _bytes(array("I", vector.dimensions)) + _bytes(array("f", vector.values))


def _bytes(numbers: "array[Any]") -> bytes:
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def _unpacked(packed: bytes) -> tuple["array[int]", "array[float]"]:
    half = len(packed) // 2
    return _numbers("I", packed[:half]), _numbers("f", packed[half:])


def _numbers(kind: Literal["I", "f"], packed: bytes) -> "array[Any]":
    numbers = array(kind, packed)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def _filled(vector: Sequence[float]) -> list[float]:
    return [*vector, *[0.0] * (MOST_DIMENSIONS - len(vector))]


def _product(packed: bytes, weights: Mapping[int, float]) -> float:
    """The dot product of a text's side and the question's."""
    return sum(weights.get(place, 0.0) * value for place, value in zip(*_unpacked(packed), strict=True))


def _fused(found: Mapping[str, Hit], dense_share: float, limit: int) -> list[str]:
    """Chunks in the order of their fused ranks; the first `limit` of either list have one."""
    near = {name: hit.nearness for name, hit in found.items() if hit.nearness is not None}
    worded = {name: hit.score for name, hit in found.items() if hit.score > 0}
    fused = dict.fromkeys((*near, *worded), 0.0)
    for scores, share in ((near, dense_share), (worded, 1 - dense_share)):
        ordered = sorted(scores, key=lambda name: (-scores[name], name))[:limit]
        for rank, name in enumerate(ordered, 1):
            fused[name] += share / (_RRF + rank)
    return sorted(filter(fused.__getitem__, fused), key=lambda name: (-fused[name], name))


def _similarity(hit: Hit, vector: Sequence[float]) -> float:
    if hit.nearness is not None:
        return hit.nearness
    return float(sum(map(mul, _numbers("f", hit.floats), vector)))


def _uncrowded(ordered: Iterable[str], limit: int, per_file: int) -> list[str]:
    """The first `limit`, at most `per_file` of one file."""
    of_file: Counter[str] = Counter()
    kept: list[str] = []
    for name in ordered:
        file_id = name.rpartition(".")[0]
        if of_file[file_id] < per_file and len(kept) < limit:
            of_file[file_id] += 1
            kept.append(name)
    return kept
