"""Queries by cache, by index and by scan find the same."""

import itertools
import random
from collections.abc import Iterator

import pytest

from local.firestore import fieldindex
from local.firestore.clock import Clock
from local.firestore.engine import Engine, View
from local.firestore.names import parse_parent
from local.firestore.protos import FieldFilter, StructuredQuery, Value, Write
from local.firestore.query import parse_query
from local.firestore.store import Store
from local.firestore.transactions import Transactions

pytestmark = pytest.mark.source("local/firestore/execution.py: one meaning, three ways")

DATABASE = "projects/p/databases/(default)"
ROOT = parse_parent(f"{DATABASE}/documents")


def engine(cache_bytes: int) -> Engine:
    """An engine in memory; a cache of no bytes makes every collection too large, so that it uses indexes."""
    clock = Clock()
    return Engine(Store(None, cache_bytes=cache_bytes), clock, Transactions(clock))


def random_value(dice: random.Random) -> object:
    """A value of one of several types, often equal to others."""
    number = dice.randrange(6)
    return dice.choice([number, float(number), str(number), None, True, [number, "a"], {"k": number}])


def to_value(value: object) -> Value:
    """The protocol's form of a value."""
    made = Value()
    match value:
        case None:
            made.null_value = 0
        case bool():
            made.boolean_value = value
        case int():
            made.integer_value = value
        case float():
            made.double_value = value
        case str():
            made.string_value = value
        case list():
            made.array_value.values.extend(map(to_value, value))
        case dict():
            made.map_value.SetInParent()
            for name, inner in value.items():
                made.map_value.fields[name].CopyFrom(to_value(inner))
    return made


def random_write(dice: random.Random) -> Write:
    """A set or a delete of one of forty documents."""
    name = f"{DATABASE}/documents/c/{dice.randrange(40)}"
    if dice.random() < 0.2:
        return Write(delete=name)
    write = Write()
    write.update.name = name
    for field in "xy":
        if dice.random() < 0.8:
            write.update.fields[field].CopyFrom(to_value(random_value(dice)))
    return write


def queries() -> Iterator[StructuredQuery]:
    """Operators, operands, orders and limits in many combinations."""
    operands = [1, 2.0, "3", None, [1, "a"], True]
    ops = ["EQUAL", "NOT_EQUAL", "LESS_THAN", "LESS_THAN_OR_EQUAL", "GREATER_THAN", "GREATER_THAN_OR_EQUAL"]
    listed = ["IN", "NOT_IN", "ARRAY_CONTAINS_ANY"]
    filters = [(op, operand) for op in [*ops, "ARRAY_CONTAINS"] for operand in operands]
    filters += [(op, [1, "3", "a"]) for op in listed]
    for (op, operand), order, limit in itertools.product(
        filters, [None, ("x", 1), ("x", 2), ("y", 2)], [None, 3]
    ):
        query = StructuredQuery()
        query.from_.add(collection_id="c")
        query.where.field_filter.field.field_path = "x"
        query.where.field_filter.op = FieldFilter.Operator.Value(op)
        query.where.field_filter.value.CopyFrom(to_value(operand))
        if order:
            query.order_by.add(direction=order[1]).field.field_path = order[0]
        if limit:
            query.limit.value = limit
        yield query


async def results(where: Engine, at: int | None = None) -> list[list[str]]:
    """The names that each query finds."""
    found = []
    for message in queries():
        rows = (await where.run(View(read_time=at), parse_query(ROOT, message))).rows
        found.append([str(row.document.name) for row in rows])
    return found


@pytest.mark.parametrize("few", [0, 5000], ids=["by order", "by candidates"])
async def test_the_three_ways_agree_while_documents_change(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """After each round of random writes cache, index and a scan of the past give the same results."""
    monkeypatch.setattr(fieldindex, "FEW", few)
    dice = random.Random(few)  # noqa: S311 - a test's dice
    cached, indexed = engine(10_000_000), engine(0)
    for _ in range(3):
        writes = [random_write(dice) for _ in range(30)]
        for where in (cached, indexed):
            _, moment = await where.commit(DATABASE, writes)
        by_cache, by_index = await results(cached), await results(indexed)
        assert by_cache == by_index
        assert by_index == await results(indexed, moment)
    assert sum(map(len, by_cache)) > 100


async def test_earlier_moments_stay_as_they_were() -> None:
    """What each query found at a commit is found again at that time, however much is written later."""
    dice = random.Random(9)  # noqa: S311 - a test's dice
    where = engine(10_000_000)
    remembered = []
    for _ in range(5):
        _, moment = await where.commit(DATABASE, [random_write(dice) for _ in range(20)])
        remembered.append((moment, await results(where)))
    for moment, found in remembered:
        assert await results(where, moment) == found


@pytest.mark.parametrize("cache_bytes", [0, 10_000_000], ids=["scan", "cache"])
@pytest.mark.parametrize("kind", ["start_at", "GREATER_THAN", "GREATER_THAN_OR_EQUAL", "EQUAL", "LESS_THAN"])
async def test_positions_by_name(cache_bytes: int, kind: str) -> None:
    """A cursor or a filter on names finds the same whether it narrows the scan or not."""
    where = engine(cache_bytes)
    names = [f"{DATABASE}/documents/{path}" for path in ("c/a", "c/b", "c/b/c/x", "c/bb", "c/c", "d/a")]
    await where.commit(DATABASE, [Write(update={"name": name}) for name in names])
    expected = {
        "start_at": ["b", "bb", "c"],
        "GREATER_THAN": ["bb", "c"],
        "GREATER_THAN_OR_EQUAL": ["b", "bb", "c"],
        "EQUAL": ["b"],
        "LESS_THAN": ["a"],
    }
    query = StructuredQuery()
    query.from_.add(collection_id="c")
    if kind == "start_at":
        query.order_by.add(direction=1).field.field_path = "__name__"
        query.start_at.values.add(reference_value=names[1])
        query.start_at.before = True
    else:
        query.where.field_filter.field.field_path = "__name__"
        query.where.field_filter.op = FieldFilter.Operator.Value(kind)
        query.where.field_filter.value.reference_value = names[1]
    rows = (await where.run(View(), parse_query(ROOT, query))).rows
    assert [row.document.name.rsplit("/", 1)[1] for row in rows] == expected[kind]
