"""The stages of pipelines."""

from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter, Or
from google.cloud.firestore_v1.pipeline_expressions import (
    And,
    Constant,
    Count,
    CurrentDocument,
    Field,
    Score,
    Variable,
)
from google.cloud.firestore_v1.pipeline_expressions import (
    Or as AnyOf,
)
from google.cloud.firestore_v1.pipeline_source import PipelineSource
from google.cloud.firestore_v1.pipeline_types import (
    FindNearestOptions,
    Ordering,
    SampleOptions,
    SearchOptions,
    UnnestOptions,
)
from google.cloud.firestore_v1.types.document import Value
from google.cloud.firestore_v1.vector import Vector

from tests.local.firestore.pipelining import call, rows
from tests.local.firestore.querying import fill

pytestmark = pytest.mark.source("https://firebase.google.com/docs/firestore/pipelines/stages")

BOOKS: dict[str, dict[str, Any]] = {
    "a": {"title": "Dune", "genre": "sf", "year": 1965, "tags": ["sand", "spice"], "by": {"name": "Herbert"}},
    "b": {"title": "Emma", "genre": "romance", "year": 1815, "tags": [], "by": {"name": "Austen"}},
    "c": {"title": "Solaris", "genre": "sf", "year": 1961, "tags": ["sea"], "by": {"name": "Lem"}},
    "d": {"title": "Untitled", "year": None},
}


@pytest.fixture
def books(db: firestore.Client) -> Any:
    """A pipeline over a few books."""
    fill(db, BOOKS, "books")
    return db.pipeline().collection("books")


def titles(pipeline: Any) -> list[str]:
    """The titles of the results."""
    return [row["title"] for row in rows(pipeline)]


def test_a_collection_with_its_documents_own_fields(books: Any, db: firestore.Client) -> None:
    """Results know their reference and times, in order of their names when nothing else is said."""
    results = books.execute()
    assert [result.ref for result in results] == [db.document(f"books/{name}") for name in BOOKS]
    assert results[0].data() == BOOKS["a"]
    assert results[0].create_time == results[0].update_time
    assert results.execution_time is not None


def test_input_stages(db: firestore.Client) -> None:
    """Collections, groups, single documents and the whole database; what does not exist is left out."""
    for path in ("rooms/1", "rooms/1/notes/a", "halls/2/notes/b"):
        db.document(path).set({"p": path})

    def paths(pipeline: Any) -> list[str]:
        return [row["p"] for row in rows(pipeline)]

    source = db.pipeline
    assert paths(source().collection("rooms/1/notes")) == ["rooms/1/notes/a"]
    assert paths(source().collection_group("notes")) == ["halls/2/notes/b", "rooms/1/notes/a"]
    assert paths(source().database()) == ["halls/2/notes/b", "rooms/1", "rooms/1/notes/a"]
    wanted = [db.document("rooms/1"), db.document("rooms/none"), db.document("halls/2/notes/b")]
    assert paths(source().documents(*wanted)) == ["rooms/1", "halls/2/notes/b"]


def test_literals_are_evaluated(db: firestore.Client) -> None:
    """literals() makes rows of constants and expressions, without names."""
    made = db.pipeline().literals({"x": Constant.of("ab").char_length()}, {"y": 1}).execute()
    assert [row.data() for row in made] == [{"x": 2}, {"y": 1}]
    assert made[0].ref is None


def test_where_keeps_what_is_true(books: Any) -> None:
    """Null, absent and other values than TRUE do not pass."""
    assert titles(books.where(Field("year").greater_than(1900))) == ["Solaris", "Dune"]
    assert titles(books.where(Field("year"))) == []
    assert titles(books.where(Field("genre").equal(Field("genre")))) == ["Dune", "Emma", "Solaris"]


def test_select_makes_only_what_it_names(books: Any) -> None:
    """Nested paths stay nested, absent fields stay out, and so does the name unless it is asked for."""
    made = books.select("by.name", Field("year").add(1).as_("next"), "genre").limit(4).execute()
    assert made[0].data() == {"by": {"name": "Herbert"}, "next": 1966, "genre": "sf"}
    assert made[3].data() == {"next": None}
    assert made[0].ref is None
    (named,) = books.select("__name__", "title").limit(1).execute()
    assert (named.id, named.data()) == ("a", {"title": "Dune"})


def test_add_and_remove_fields(books: Any) -> None:
    """Fields come and go at nested paths; the rest and the name stay."""
    (made,) = (
        books.add_fields(Constant.of("en").as_("by.language"), Field("by.name").as_("author"))
        .remove_fields("tags", Field("by.name"), "year")
        .limit(1)
        .execute()
    )
    assert made.id == "a"
    assert made.data() == {"title": "Dune", "genre": "sf", "by": {"language": "en"}, "author": "Herbert"}


def test_sort_offset_and_limit(books: Any) -> None:
    """Expressions in both directions, absent before null before the rest; equals by name."""
    assert titles(books.sort(Field("genre").ascending())) == ["Untitled", "Emma", "Dune", "Solaris"]
    assert titles(books.sort(Field("genre").descending())) == ["Solaris", "Dune", "Emma", "Untitled"]
    by_length = books.sort(Field("title").char_length().descending(), Field("title").ascending())
    assert titles(by_length.offset(1).limit(2)) == ["Solaris", "Dune"]


def test_aggregate(books: Any) -> None:
    """Accumulators skip null and absent, except those that collect, for which both are null."""
    year = Field("year")
    (row,) = rows(
        books.aggregate(
            Count().as_("all"),
            year.count().as_("known"),
            year.greater_than(1900).count_if().as_("modern"),
            Field("genre").count_distinct().as_("genres"),
            year.sum().as_("sum"),
            year.average().as_("mean"),
            year.minimum().as_("first"),
            year.maximum().as_("last"),
            Field("genre").array_agg().as_("list"),
            Field("genre").array_agg_distinct().as_("set"),
            Field("title").first().as_("head"),
            Field("genre").last().as_("tail"),
        )
    )
    assert row == {
        "all": 4, "known": 3, "modern": 2, "genres": 2, "sum": 5741, "mean": 5741 / 3, "first": 1815,
        "last": 1965, "list": ["sf", "romance", "sf", None], "set": ["sf", "romance", None], "head": "Dune",
        "tail": None,
    }  # fmt: skip


def test_aggregate_of_nothing(db: firestore.Client) -> None:
    """Without groups there is one row even over nothing; with groups there is none."""
    nothing = db.pipeline().collection("none")
    summed = Field("x").sum().as_("s")
    assert rows(nothing.aggregate(Count().as_("n"), summed, Field("x").average().as_("a"))) == [
        {"n": 0, "s": 0, "a": None}
    ]
    assert rows(nothing.aggregate(summed, groups=["g"])) == []


def test_aggregate_by_groups(books: Any) -> None:
    """A row for each combination of the groups; absent and null are one group."""
    made = books.aggregate(Count().as_("n"), groups=["genre"])
    assert rows(made.sort(Field("genre").ascending())) == [
        {"genre": None, "n": 1},
        {"genre": "romance", "n": 1},
        {"genre": "sf", "n": 2},
    ]
    with pytest.raises(exceptions.InvalidArgument, match="requires at least one accumulator"):
        rows(books.aggregate(groups=["genre"]))


def test_distinct(books: Any) -> None:
    """Each combination of values once, 1 and 1.0 being one."""
    century = Field("year").divide(100).as_("century")
    made = books.where(Field("year").exists()).distinct(century, "genre").sort(Field("century").ascending())
    assert rows(made) == [
        {"century": None, "genre": None},
        {"century": 18, "genre": "romance"},
        {"century": 19, "genre": "sf"},
    ]


def test_unnest(books: Any) -> None:
    """A row for each element with its index; none for an empty array, the row itself without an array."""
    made = books.unnest("tags", "tag", UnnestOptions("at")).select("title", "tag", "at")
    assert rows(made) == [
        {"title": "Dune", "tag": "sand", "at": 0},
        {"title": "Dune", "tag": "spice", "at": 1},
        {"title": "Solaris", "tag": "sea", "at": 0},
        {"title": "Untitled", "at": None},
    ]


def test_union(books: Any, db: firestore.Client) -> None:
    """The other pipeline's results come after; duplicates stay."""
    other = db.pipeline().collection("books").where(Field("genre").equal("sf"))
    assert titles(books.limit(1).union(other)) == ["Dune", "Dune", "Solaris"]


def test_replace_with(books: Any) -> None:
    """A map becomes the row; what is no map is an error."""
    first = books.limit(1)
    assert rows(first.replace_with("by")) == [{"name": "Herbert"}]
    merged = first.select("title", "by").raw_stage(
        "replace_with", Field("by"), Constant.of("merge_keep_existing")
    )
    assert rows(merged) == [{"title": "Dune", "by": {"name": "Herbert"}, "name": "Herbert"}]
    with pytest.raises(exceptions.InvalidArgument, match="requires a map"):
        rows(first.replace_with("title"))


def test_sample(db: firestore.Client) -> None:
    """So many documents at random, each at most once, or a share of them."""
    fill(db, {f"{i:03}": {"i": i} for i in range(400)}, "many")
    many = db.pipeline().collection("many")
    some = [row["i"] for row in rows(many.sample(50))]
    assert len(set(some)) == 50
    assert some != sorted(some)
    assert len(rows(many.sample(1000))) == 400
    assert 120 < len(rows(many.sample(SampleOptions.percentage(0.5)))) < 280


@pytest.mark.parametrize(
    ("measure", "wanted"),
    [
        ("euclidean", [("a", 0.0), ("b", 1.0)]),
        ("cosine", [("a", 0.0), ("b", pytest.approx(0.00854, abs=1e-5))]),
        ("dot_product", [("c", 60.0), ("b", 17.0)]),
    ],
)
def test_find_nearest(db: firestore.Client, measure: str, wanted: list[tuple[str, float]]) -> None:
    """Nearest first with the distance; documents without such a vector are left out."""
    vectors = {"a": [1.0, 2.0, 3.0], "b": [1.0, 2.0, 4.0], "c": [10.0, 10.0, 10.0], "d": [1.0]}
    fill(db, {name: {"v": Vector(vector)} for name, vector in vectors.items()} | {"e": {}}, "points")
    options = FindNearestOptions(limit=2, distance_field=Field("at"))
    made = db.pipeline().collection("points").find_nearest("v", Vector([1.0, 2.0, 3.0]), measure, options)
    assert [(row.id, row.get("at")) for row in made.execute()] == wanted


def test_search(db: firestore.Client) -> None:
    """Words must all occur in the document's texts, phrases as they are, and -words must not."""
    fill(
        db,
        {
            "1": {"name": "Golden Waffle", "menu": {"drinks": ["Coffee", "Tea"]}},
            "2": {"name": "Sunny Side", "menu": {"drinks": ["coffee, coffee"]}},
            "3": {"name": "Side of Gold"},
        },
        "cafes",
    )
    cafes = db.pipeline().collection("cafes")

    def found(options: str | SearchOptions) -> list[str | None]:
        return [row.id for row in cafes.search(options).execute()]

    assert found("coffee") == ["2", "1"]
    assert found("coffee -waffle") == ["2"]
    assert found('"sunny side"') == ["2"]
    assert found("waffle OR gold") == ["1", "3"]
    assert found("coffee gold") == []
    by_score = SearchOptions("coffee", sort=Ordering(Score(), "ascending"), limit=1)
    assert found(by_score) == ["1"]
    scored = cafes.search(SearchOptions("coffee", add_fields=[Score().as_("score")])).select("score")
    first, second = (row["score"] for row in rows(scored))
    assert first > second > 0


def test_subqueries(db: firestore.Client) -> None:
    """Pipelines inside expressions see the row they run for, and the variables bound around them."""
    fill(db, {"sf": {"name": "San Francisco"}, "ny": {"name": "New York"}}, "cities")
    fill(db, {"x": {"n": 1, "in": "sf"}, "y": {"n": 2, "in": "sf"}}, "cities/sf/sights")
    cities = db.pipeline().collection("cities").sort(Field("name").ascending())
    sights = PipelineSource.subcollection("sights")
    made = cities.select(
        sights.select("n").to_array_expression().as_("list"),
        sights.aggregate(Field("n").sum().as_("total")).to_scalar_expression().as_("sum"),
        sights.where(Field("n").equal(9)).to_scalar_expression().as_("none"),
    )
    assert rows(made) == [{"list": [], "sum": 0, "none": None}, {"list": [1, 2], "sum": 3, "none": None}]
    same = db.pipeline().collection_group("sights").where(Field("in").equal(Variable("id")))
    bound = cities.define(Field("__name__").document_id().as_("id"), CurrentDocument().as_("city")).select(
        same.select("n", "in").to_array_expression().as_("sights"),
        Variable("city").map_get("name").as_("city"),
    )
    assert rows(bound) == [
        {"sights": [], "city": "New York"},
        {"sights": [{"n": 1, "in": "sf"}, {"n": 2, "in": "sf"}], "city": "San Francisco"},
    ]
    with pytest.raises(exceptions.InvalidArgument, match="multiple results"):
        rows(cities.select(sights.to_scalar_expression().as_("one")))


def test_a_pipeline_from_a_query_gives_what_the_query_gives(db: firestore.Client) -> None:
    """Filters, orders, cursors and limits to the last, in the query's order."""
    fill(db, {f"{i:02}": {"a": i % 3, "b": -i, "c": [i]} for i in range(12)} | {"x": {"b": 1}})
    collection = db.collection("c")
    queries = [
        collection,
        collection.where(filter=FieldFilter("a", "!=", 1)).where(filter=FieldFilter("b", "<=", -2)),
        collection.where(filter=FieldFilter("a", "in", [0, 2])).order_by("a", "DESCENDING"),
        collection.where(filter=FieldFilter("c", "array_contains_any", [3, 7])),
        collection.where(filter=Or([FieldFilter("a", "==", 1), FieldFilter("b", ">", -3)])),
        collection.order_by("a").order_by("b", "DESCENDING").start_after({"a": 1, "b": -4}).limit(3),
        collection.order_by("b").limit_to_last(2),
        collection.where(filter=FieldFilter("a", "not-in", [1])),
        collection.where(filter=FieldFilter("b", "!=", None)),
    ]
    for query in queries:
        wanted = [snapshot.to_dict() for snapshot in query.get()]
        assert [row.data() for row in db.pipeline().create_from(query).execute() if "a" in row.data()] == [
            one for one in wanted if "a" in one
        ]
    counted = db.pipeline().create_from(collection.sum("b", alias="s"))
    assert rows(counted) == [{"s": -65}]


def test_equality_reaches_absent_fields_where_queries_do_not(db: firestore.Client) -> None:
    """not_equal is true of a document without the field, unlike a query's !=."""
    fill(db, {"1": {"a": 1}, "2": {"a": 2}, "3": {}})
    found = db.pipeline().collection("c").where(Field("a").not_equal(1)).execute()
    assert [row.id for row in found] == ["3", "2"]


def test_a_document_can_be_asked_for_by_name_and_time(books: Any, db: firestore.Client) -> None:
    """__name__, __create_time__ and __update_time__ are fields like others."""
    named = AnyOf(Field("__name__").equal(db.document("books/b")), Field("title").equal("none"))
    fresh = Field("__update_time__").greater_than_or_equal(Field("__create_time__"))
    assert titles(books.where(And(named, fresh))) == ["Emma"]


@pytest.mark.parametrize(
    ("stages", "message"),
    [
        ([], "at least one stage"),
        ([("where", [Value(boolean_value=True)])], "must begin with an input stage"),
        ([("subcollection", [Value(string_value="x")])], "start of a nested pipeline"),
        ([("collection", [Value(reference_value="/a/b")])], "not the path of a collection"),
        ([("collection", [Value(reference_value="/a")]), ("database", [])], "must be the first"),
        ([("collection", [Value(reference_value="/a")]), ("delete", []), ("limit", [])], "must be the last"),
        ([("collection", [Value(reference_value="/a")]), ("explode", [])], "Unknown stage 'explode'"),
        ([("collection", [Value(reference_value="/a")]), ("limit", [])], "requires 1 arguments"),
        (
            [("collection", [Value(reference_value="/a")]), ("limit", [Value(integer_value=-1)])],
            "not negative",
        ),
        (
            [("collection", [Value(reference_value="/a")]), ("select", [Value(integer_value=1)])],
            "Expected a map",
        ),
        (
            [("collection", [Value(reference_value="/a")]), ("where", [call("nothing")._to_pb()])],
            "Unknown function",
        ),
    ],
)
def test_what_is_refused(db: firestore.Client, stages: list[tuple[str, list[Value]]], message: str) -> None:
    """A pipeline that makes no sense is INVALID_ARGUMENT before anything is read."""
    pipeline = {"stages": [{"name": name, "args": arguments} for name, arguments in stages]}
    request = {"database": db._database_string, "structured_pipeline": {"pipeline": pipeline}}
    with pytest.raises(exceptions.InvalidArgument, match=message):
        list(db._firestore_api.execute_pipeline(request))
