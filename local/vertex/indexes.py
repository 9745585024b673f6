"""The indexes that exist: what is on disk, what a search already sees, and what requests may ask of them."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from local.vertex import messages as m
from local.vertex.definition import Definition
from local.vertex.matrix import Hit, Matrix
from local.vertex.refusals import invalid, missing, precondition
from local.vertex.settings import Settings
from local.vertex.store import FILE, DatapointStore, Row

T = TypeVar("T")

MAX_DATAPOINTS = 1000
MAX_NEIGHBORS = 1000
DEFAULT_NEIGHBORS = 10


@dataclass
class _Live:
    """An index as it is searched, and the changes that are acknowledged but not yet visible."""

    definition: Definition
    matrix: Matrix
    pending: deque[tuple[float, Callable[[], None]]] = field(default_factory=deque)

    def show(self, row: Row) -> None:
        """Let searches see a stored datapoint."""
        one, vector, body = row
        numbers = np.frombuffer(vector, "<f4")
        self.matrix.put(one, unit(numbers) if self.definition.unit_norm else numbers, body)

    def apply_due(self, now: float) -> None:
        """Make visible what is due."""
        while self.pending and self.pending[0][0] <= now:
            self.pending.popleft()[1]()


class Indexes:
    """The datapoints of all indexes. Disk and arrays are used from one thread of its own."""

    def __init__(self, folder: Path | None, settings: Settings) -> None:
        self._folder, self._settings = folder, settings
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="vector-search")
        self._store: DatapointStore | None = None
        self._live: dict[str, _Live] = {}

    async def open(self) -> list[tuple[str, bytes]]:
        """Open the store; returns the resources that are kept in it, by name."""
        return await self._run(self._open)

    async def close(self) -> None:
        """Close the store; what was acknowledged is on disk."""
        if self._store is not None:
            await self._run(self._store.close)
        self._thread.shutdown()

    async def save(self, folder: Path) -> None:
        """Copy everything into a folder: not yet visible changes are in the copy, and visible from there."""
        await self._run(lambda: self._disk().save(folder / FILE))

    async def restore(self, folder: Path | None) -> list[tuple[str, bytes]]:
        """Take over what save() copied, or nothing; returns the kept resources, and serves no index yet."""
        self._live.clear()
        return await self._run(lambda: self._restore(folder))

    async def serve(self, name: str, definition: Definition) -> None:
        """Load what is on disk of an index. Raises ValueError when a stored vector has another length."""
        await self._run(lambda: self._load(name, definition))

    async def drop(self, name: str) -> None:
        """Forget an index and all its datapoints."""
        self._live.pop(name, None)
        await self._run(lambda: self._disk().clear(name))

    async def keep(self, name: str, body: bytes) -> None:
        """Keep a resource, which is not a datapoint, under its name."""
        await self._run(lambda: self._disk().put_resource(name, body))

    async def forget(self, name: str) -> None:
        """Forget a resource; nothing happens when it was not kept."""
        await self._run(lambda: self._disk().delete_resource(name))

    async def stats(self, name: str) -> tuple[int, int]:
        """How many vectors, and how many sparse ones, are visible."""
        live = self._index(name)
        return await self._run(lambda: (len(self._visible(live)), live.matrix.sparse_count))

    async def upsert(self, name: str, datapoints: Sequence[Any], mask: Sequence[str]) -> None:
        """Insert or replace; with the mask `all_restricts`, replace only the restricts of existing ones.

        All or nothing, on disk when it returns, visible after the visibility delay. Raises RefusedError.
        """
        definition = self._index(name).definition
        if not definition.streaming:
            raise precondition("StreamUpdate is not enabled on this Index.")
        if list(mask) not in ([], ["all_restricts"]):
            raise invalid("update_mask supports only `all_restricts`.")
        if len(datapoints) > MAX_DATAPOINTS:
            raise invalid(f"At most {MAX_DATAPOINTS} datapoints per request, got {len(datapoints)}.")
        for datapoint in datapoints:
            check_datapoint(datapoint, None if mask else definition.dimensions)
        await self._run(lambda: self._upsert(name, datapoints, restricts_only=bool(mask)))

    async def remove(self, name: str, ids: Sequence[str]) -> None:
        """Remove datapoints; unknown ids are passed over. Raises RefusedError."""
        if not self._index(name).definition.streaming:
            raise precondition("StreamUpdate is not enabled on this Index.")
        await self._run(lambda: self._remove(name, ids))

    async def find(self, name: str, queries: Sequence[Any], *, full: bool) -> list[list[tuple[Any, Hit]]]:
        """Per query the neighbours, best first, as messages. Raises RefusedError."""
        definition = self._index(name).definition
        for query in queries:
            check_query(query, definition.dimensions)
        return await self._run(lambda: [self._find(name, query, full=full) for query in queries])

    async def read(self, name: str, ids: Sequence[str]) -> list[Any]:
        """The visible datapoints of these ids, in order, without those that do not exist."""
        self._index(name)
        return await self._run(lambda: self._read(name, ids))

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _index(self, name: str) -> _Live:
        if name not in self._live:
            raise missing(f"Index `{name}` is not found.")
        return self._live[name]

    def _open(self) -> list[tuple[str, bytes]]:
        self._store = DatapointStore(self._folder)
        return list(self._store.resources())

    def _restore(self, folder: Path | None) -> list[tuple[str, bytes]]:
        self._disk().restore(folder / FILE if folder else None)
        return list(self._disk().resources())

    def _load(self, name: str, definition: Definition) -> None:
        live = _Live(definition, Matrix(definition.dimensions, definition.measure, self._settings.otherwise))
        for row in self._disk().load(name):
            live.show(row)
        self._live[name] = live

    def _disk(self) -> DatapointStore:
        if self._store is None:
            raise RuntimeError("the index store is not open")
        return self._store

    def _visible(self, live: _Live) -> Matrix:
        live.apply_due(time.monotonic())
        return live.matrix

    def _later(self, live: _Live, change: Callable[[], None]) -> None:
        due = time.monotonic() + self._settings.visibility_delay
        live.pending.append((max(due, live.pending[-1][0] if live.pending else due), change))
        live.apply_due(time.monotonic())

    def _upsert(self, name: str, datapoints: Sequence[Any], *, restricts_only: bool) -> None:
        rows: dict[str, Row] = {}
        for datapoint in datapoints:
            one = datapoint.datapoint_id
            rows[one] = self._merged(name, datapoint, rows.get(one)) if restricts_only else row_of(datapoint)
        self._disk().put(name, rows.values())
        live = self._live[name]
        kept = list(rows.values())

        def show() -> None:
            for row in kept:
                live.show(row)

        self._later(live, show)

    def _merged(self, name: str, change: Any, earlier: Row | None) -> Row:
        """The stored datapoint with the restricts of `change`. Raises RefusedError NOT_FOUND."""
        one = change.datapoint_id
        stored = (earlier[1], earlier[2]) if earlier else self._disk().get(name, one)
        if stored is None:
            raise missing(f"Datapoint `{one}` is not found in `{name}`.")
        body = m.IndexDatapoint.FromString(stored[1])
        for repeated in ("restricts", "numeric_restricts"):
            body.ClearField(repeated)
            getattr(body, repeated).extend(getattr(change, repeated))
        return one, stored[0], body.SerializeToString()

    def _remove(self, name: str, ids: Sequence[str]) -> None:
        self._disk().delete(name, ids)
        live = self._live[name]
        gone = tuple(ids)
        self._later(live, lambda: live.matrix.remove(gone))

    def _find(self, name: str, query: Any, *, full: bool) -> list[tuple[Any, Hit]]:
        live = self._live[name]
        matrix = self._visible(live)
        if live.definition.unit_norm and query.datapoint.feature_vector:
            query.datapoint.feature_vector[:] = unit(np.array(query.datapoint.feature_vector, np.float32))
        found = []
        for hit in matrix.find(query, query.neighbor_count or DEFAULT_NEIGHBORS):
            datapoint = m.IndexDatapoint.FromString(hit.body)
            if full:
                datapoint.feature_vector.extend(matrix.vector(hit.row))
            else:
                brief = m.IndexDatapoint(datapoint_id=datapoint.datapoint_id)
                if datapoint.HasField("crowding_tag"):
                    brief.crowding_tag.CopyFrom(datapoint.crowding_tag)
                datapoint = brief
            found.append((datapoint, hit))
        return found

    def _read(self, name: str, ids: Sequence[str]) -> list[Any]:
        matrix = self._visible(self._live[name])
        found = []
        for one in ids:
            stored = matrix.get(one)
            if stored is not None:
                datapoint = m.IndexDatapoint.FromString(stored[1])
                datapoint.feature_vector.extend(stored[0])
                found.append(datapoint)
        return found


def unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """The vector of length 1 in the same direction; zero stays zero. UNIT_L2_NORM."""
    return vector / max(float(np.linalg.norm(vector)), 1e-12)


def row_of(datapoint: Any) -> Row:
    """A datapoint as it is stored."""
    vector = np.array(datapoint.feature_vector, "<f4").tobytes()
    body = m.IndexDatapoint()
    body.CopyFrom(datapoint)
    body.ClearField("feature_vector")
    return datapoint.datapoint_id, vector, body.SerializeToString()


def check_datapoint(datapoint: Any, dimensions: int | None) -> None:
    """Raise RefusedError INVALID_ARGUMENT when it may not be stored; `dimensions` None skips the vector."""
    one = datapoint.datapoint_id
    if not one:
        raise invalid("datapoint_id is required.")
    if dimensions is not None:
        _check_vector(datapoint, dimensions, required=True)
    for number in datapoint.numeric_restricts:
        if number.op:
            raise invalid(f"Datapoint `{one}`: op must not be set on a datapoint's numeric_restricts.")
        if number.WhichOneof("Value") is None:
            raise invalid(f"Datapoint `{one}`: a numeric restrict needs a value.")


def check_query(query: Any, dimensions: int) -> None:
    """Raise RefusedError INVALID_ARGUMENT when the query makes no sense for an index of this size."""
    _check_vector(query.datapoint, dimensions, required=False)
    if not 0 <= query.neighbor_count <= MAX_NEIGHBORS:
        raise invalid(f"neighbor_count must be between 0 and {MAX_NEIGHBORS}.")
    if query.HasField("rrf") and not 0 <= query.rrf.alpha <= 1:
        raise invalid("rrf.alpha must be between 0 and 1.")
    for number in query.datapoint.numeric_restricts:
        if not m.LESS <= number.op <= m.NOT_EQUAL:
            raise invalid("op must be set on a query's numeric_restricts.")
        if number.WhichOneof("Value") is None:
            raise invalid("A numeric restrict needs a value.")


def _check_vector(datapoint: Any, dimensions: int, *, required: bool) -> None:
    length, sparse = len(datapoint.feature_vector), datapoint.sparse_embedding
    if len(sparse.values) != len(sparse.dimensions):
        raise invalid("sparse_embedding: values and dimensions must have the same length.")
    if length == 0 and sparse.values and not required:
        return
    if length != dimensions:
        raise invalid(f"feature_vector has {length} dimensions, the index has {dimensions}.")
    if not np.isfinite(np.array(datapoint.feature_vector, np.float32)).all():
        raise invalid("feature_vector must be finite.")
