"""Composite indexes: declared in a file, required as in production."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.api_core import exceptions
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter, Or
from google.cloud.firestore_v1.base_vector_query import DistanceMeasure
from google.cloud.firestore_v1.vector import Vector

from local.firestore.indexfiles import Index, IndexField, Override, read_indexes, read_overrides
from local.standin import Options
from tests.local.firestore.conftest import ServerThread

pytestmark = pytest.mark.source("https://cloud.google.com/firestore/docs/query-data/index-overview")

TERRAFORM = """
# a comment with resource "google_firestore_index" in it {
resource "google_firestore_index" "by_owner" {
  project    = var.project_id
  collection = "jobs"
  depends_on = [google_firestore_database.main]
  fields {
    field_path = "owner"
    order      = "ASCENDING"
  }
  fields {
    field_path = "created"
    order      = "DESCENDING"
  }
}

resource "google_firestore_index" "tags" {
  collection  = "jobs"
  query_scope = "COLLECTION_GROUP"
  fields {
    field_path   = "tags"
    array_config = "CONTAINS"
  }
  fields {
    field_path = "created"
    order      = "ASCENDING"
  }
  fields {
    field_path = "__name__"
    order      = "ASCENDING"
  }
}

resource "google_firestore_index" "vectors" {
  collection = "chunks"
  fields {
    field_path = "file"
    order      = "ASCENDING"
  }
  fields {
    field_path = "embedding"
    vector_config {
      dimension = 2
      flat {}
    }
  }
}

resource "google_firestore_field" "state_of_any_job" {
  collection = "jobs"
  field      = "state"
  index_config {
    indexes { order = "ASCENDING" }
    indexes {
      order       = "ASCENDING"
      query_scope = "COLLECTION_GROUP"
    }
  }
  ttl_config {}
}

resource "google_firestore_field" "log" {
  collection = "jobs"
  field      = "log"
  index_config {}
}

resource "google_firestore_index" "by_state" {
  collection = "jobs"
  fields {
    field_path = "state"
    order      = "ASCENDING"
  }
  fields {
    field_path = "created"
    order      = "DESCENDING"
  }
}
"""


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerThread]:
    """A server that requires the indexes of a Terraform file."""
    file = tmp_path_factory.mktemp("terraform") / "firestore.tf"
    file.write_text(TERRAFORM, "utf-8")
    running = ServerThread(Options(settings={"firestore_indexes": str(file)}))
    yield running
    running.close()


@pytest.fixture
def jobs(indexed: ServerThread, monkeypatch: pytest.MonkeyPatch) -> Iterator[firestore.CollectionReference]:
    """The collection that has indexes."""
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", indexed.host)
    client = firestore.Client(project="p")
    yield client.collection("jobs")
    client.close()


def equal(field: str) -> FieldFilter:
    """Field == 1."""
    return FieldFilter(field, "==", 1)


def test_what_single_field_indexes_serve(jobs: firestore.CollectionReference) -> None:
    """Equalities in any number, one range, one order, membership: no declaration needed."""
    for query in (
        jobs,
        jobs.where(filter=equal("a")).where(filter=equal("b")),
        jobs.where(filter=FieldFilter("a", ">", 1)).order_by("a", direction="DESCENDING"),
        jobs.order_by("a"),
        jobs.where(filter=FieldFilter("tags", "array_contains", 1)).where(filter=equal("a")),
        jobs.where(filter=equal("a")).order_by("a"),
        jobs.where(filter=Or([equal("a"), equal("b")])),
    ):
        query.get()


def test_what_a_declared_index_serves(jobs: firestore.CollectionReference) -> None:
    """Its order and the reverse of it, ranges over the last field, and several indexes together."""
    owner = jobs.where(filter=equal("owner"))
    owner.order_by("created", direction="DESCENDING").get()
    owner.order_by("created").get()
    owner.where(filter=FieldFilter("created", ">", 5)).get()
    owner.where(filter=equal("state")).order_by("created").get()
    group = jobs._client.collection_group("jobs").where(filter=FieldFilter("tags", "array_contains", 1))
    group.order_by("created").get()


@pytest.mark.parametrize("fields", [["other"], ["owner", "other"]], ids=str)
def test_an_undeclared_query_fails_as_in_production(
    jobs: firestore.CollectionReference, fields: list[str]
) -> None:
    """FAILED_PRECONDITION that names the index."""
    query = jobs.order_by("created")
    for field in fields:
        query = query.where(filter=equal(field))
    with pytest.raises(exceptions.FailedPrecondition, match=r"requires an index.*other ASC.*created ASC"):
        query.get()


def test_the_scope_counts(jobs: firestore.CollectionReference) -> None:
    """An index of a collection does not serve its group, nor another collection."""
    for source in (jobs._client.collection_group("jobs"), jobs._client.collection("else")):
        with pytest.raises(exceptions.FailedPrecondition, match="requires an index"):
            source.where(filter=equal("owner")).order_by("created").get()


def test_every_alternative_of_an_or_needs_its_index(jobs: firestore.CollectionReference) -> None:
    """One side without an index fails the query; with both declared it runs."""
    jobs.where(filter=Or([equal("owner"), equal("state")])).order_by("created").get()
    with pytest.raises(exceptions.FailedPrecondition, match="other"):
        jobs.where(filter=Or([equal("owner"), equal("other")])).order_by("created").get()


def test_vector_searches_need_a_vector_index(jobs: firestore.CollectionReference) -> None:
    """Of the right dimension, with the filtered fields before it."""
    chunks = jobs._client.collection("chunks")
    search = {"distance_measure": DistanceMeasure.COSINE, "limit": 1}
    chunks.where(filter=equal("file")).find_nearest("embedding", Vector([1.0, 0.0]), **search).get()
    with pytest.raises(exceptions.FailedPrecondition, match="VECTOR<3>"):
        chunks.where(filter=equal("file")).find_nearest("embedding", Vector([1.0, 0.0, 0.0]), **search).get()
    with pytest.raises(exceptions.FailedPrecondition, match="VECTOR<2>"):
        chunks.find_nearest("embedding", Vector([1.0, 0.0]), **search).get()


def test_aggregations_need_indexes_too(jobs: firestore.CollectionReference) -> None:
    """A sum over filtered documents goes through (filter, summed field)."""
    jobs.where(filter=equal("owner")).count().get()
    jobs.where(filter=equal("owner")).sum("created").get()
    with pytest.raises(exceptions.FailedPrecondition, match="requires an index"):
        jobs.where(filter=equal("owner")).sum("other").get()


FIELDS = "https://firebase.google.com/docs/firestore/query-data/index-overview#single-field-index-exemptions"


@pytest.mark.source(FIELDS)
def test_exempted_fields_cannot_be_queried(jobs: firestore.CollectionReference) -> None:
    """Neither the field nor what is in it, in any way; directions that are left out fail too."""
    for query in (
        jobs.where(filter=equal("log")),
        jobs.where(filter=equal("log.level")),
        jobs.order_by("log"),
        jobs.where(filter=FieldFilter("log", "array_contains", 1)),
        jobs.order_by("state", direction="DESCENDING"),
    ):
        with pytest.raises(exceptions.FailedPrecondition, match=r"COLLECTION_\w+ index for collection jobs"):
            query.get()
    jobs.where(filter=equal("state")).get()
    jobs.order_by("state").get()


@pytest.mark.source("https://firebase.google.com/docs/firestore/query-data/queries#collection-group-query")
def test_groups_have_no_automatic_indexes(jobs: firestore.CollectionReference) -> None:
    """A filter or an order over a collection group needs an index with that scope; names need none."""
    group = jobs._client.collection_group("jobs")
    group.get()
    group.order_by("__name__").get()
    group.where(filter=equal("state")).get()
    for query in (group.where(filter=equal("owner")), group.order_by("created")):
        with pytest.raises(exceptions.FailedPrecondition, match="COLLECTION_GROUP_ASC index for collection"):
            query.get()
    with pytest.raises(exceptions.FailedPrecondition, match="COLLECTION_GROUP_CONTAINS"):
        group.where(filter=FieldFilter("tags", "array_contains", 1)).count().get()


@pytest.mark.source("https://firebase.google.com/docs/reference/firestore/indexes: firestore.indexes.json")
def test_the_json_form(tmp_path: Path) -> None:
    """firestore.indexes.json, as the Firebase tools write it."""
    file = tmp_path / "firestore.indexes.json"
    fields = [{"fieldPath": "a", "order": "ASCENDING"}, {"fieldPath": "b", "arrayConfig": "CONTAINS"}]
    file.write_text(
        json.dumps({"indexes": [{"collectionGroup": "c", "queryScope": "COLLECTION", "fields": fields}]})
    )
    assert read_indexes(file) == [Index("c", False, (IndexField("a", "ASC"), IndexField("b", "CONTAINS")))]
    assert read_overrides(file) == []


@pytest.mark.source("https://firebase.google.com/docs/reference/firestore/indexes: fieldOverrides")
def test_the_json_form_of_overrides(tmp_path: Path) -> None:
    """Kinds for each scope; one that is only about expiry changes no index."""
    file = tmp_path / "firestore.indexes.json"
    group = {"order": "DESCENDING", "queryScope": "COLLECTION_GROUP"}
    alone = {"arrayConfig": "CONTAINS", "queryScope": "COLLECTION"}
    overrides = [
        {"collectionGroup": "c", "fieldPath": "a", "indexes": [group, alone]},
        {"collectionGroup": "c", "fieldPath": "b", "indexes": []},
        {"collectionGroup": "c", "fieldPath": "t", "ttl": True},
    ]
    file.write_text(json.dumps({"indexes": [], "fieldOverrides": overrides}))
    assert read_overrides(file) == [
        Override("c", "a", alone=frozenset({"CONTAINS"}), group=frozenset({"DESC"})),
        Override("c", "b", alone=frozenset(), group=frozenset()),
    ]


def test_terraform_that_computes_indexes_is_refused(tmp_path: Path) -> None:
    """Rather than guessed at."""
    file = tmp_path / "x.tf"
    file.write_text('resource "google_firestore_index" "x" {\n  for_each = local.indexes\n}\n')
    with pytest.raises(ValueError, match="for_each"):
        read_indexes(tmp_path)
