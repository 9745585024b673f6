"""Searching the vectors of collections too large for the cache of rows."""

import random

import pytest

from local.firestore.clock import Clock
from local.firestore.engine import Engine, View
from local.firestore.execution import execute
from local.firestore.names import parse_parent
from local.firestore.nearest import Nearest, find_nearest
from local.firestore.protos import FieldFilter, StructuredQuery, Write
from local.firestore.query import Query, parse_query
from local.firestore.rows import Row
from local.firestore.store import Store
from local.firestore.transactions import Transactions
from local.firestore.vectorindex import VectorIndexes

pytestmark = pytest.mark.source("local/firestore/vectorindex.py: it tells where to look, never what is found")

DATABASE = "projects/p/databases/(default)"
ROOT = parse_parent(f"{DATABASE}/documents")
MEASURES = ["EUCLIDEAN", "COSINE", "DOT_PRODUCT"]


def make() -> Engine:
    """An engine in memory, whose rows never fit in the cache."""
    clock = Clock()
    return Engine(Store(None, cache_bytes=0), clock, Transactions(clock))


def random_write(dice: random.Random) -> Write:
    """A document with a vector, without one, with one of another size, or the end of a document."""
    name = f"{DATABASE}/documents/v/{dice.randrange(200)}"
    if dice.random() < 0.1:
        return Write(delete=name)
    write = Write()
    write.update.name = name
    write.update.fields["color"].string_value = dice.choice(["red", "blue"])
    inner = write.update.fields["e"].map_value.fields
    if dice.random() < 0.9:
        inner["__type__"].string_value = "__vector__"
    for _ in range(dice.choice([3, 3, 3, 2])):
        inner["value"].array_value.values.add(double_value=dice.choice([dice.gauss(0, 100), 0.0, 1.0]))
    return write


def queries() -> list[Query]:
    """All documents, the ones of a colour, and the ones from a name on."""
    every, red, later = StructuredQuery(), StructuredQuery(), StructuredQuery()
    for query in (every, red, later):
        query.from_.add(collection_id="v")
    red.where.field_filter.field.field_path = "color"
    red.where.field_filter.op = FieldFilter.Operator.EQUAL
    red.where.field_filter.value.string_value = "red"
    later.start_at.values.add(reference_value=f"{DATABASE}/documents/v/5")
    later.order_by.add(direction=1).field.field_path = "__name__"
    return [parse_query(ROOT, query) for query in (every, red, later)]


def told(rows: list[Row]) -> list[tuple[str, float]]:
    """Names and distances."""
    return [(row.name, row.document.fields["d"].double_value) for row in rows]


@pytest.mark.parametrize("measure", MEASURES)
async def test_it_finds_what_a_comparison_of_all_finds(measure: str) -> None:
    """Through every measure, threshold and filter, while documents come, change and go."""
    dice = random.Random(measure)  # noqa: S311 - a test's dice
    engine = make()
    compared = 0
    for size in (150, 1, 5, 100, 1):
        await engine.commit(DATABASE, [random_write(dice) for _ in range(size)])
        for query in queries():
            for threshold in (None, 0.5):
                vector = (dice.gauss(0, 1), 1.0, 0.0)
                wanted = Nearest(("e",), vector, measure, 12, ("d",), threshold)
                found = told(await engine.search(View(), query, wanted))
                assert found == told(find_nearest(wanted, execute(engine.store, query, None).rows))
                compared += len(found)
    assert compared > 100


async def test_vectors_that_do_not_fit_are_compared_all_the_same() -> None:
    """Without room for a matrix nothing else changes."""
    engine = make()
    engine.store.vectors = VectorIndexes(engine.store.scan, engine.store.read, budget=100)
    dice = random.Random(1)  # noqa: S311 - a test's dice
    await engine.commit(DATABASE, [random_write(dice) for _ in range(100)])
    wanted = Nearest(("e",), (1.0, 2.0, 3.0), "EUCLIDEAN", 5, ("d",), None)
    found = await engine.search(View(), queries()[0], wanted)
    assert told(found) == told(find_nearest(wanted, execute(engine.store, queries()[0], None).rows))
    assert len(found) == 5
