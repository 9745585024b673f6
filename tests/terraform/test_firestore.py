"""What the code writes to Firestore has its expiry and its indexes declared."""

import re
from collections.abc import Callable
from typing import get_args

from local.firestore.indexfiles import read_indexes, read_overrides
from shared.gcp.firestore_caches import COLLECTIONS
from shared.settings import IndexSettings
from tests.terraform.plans import Plan
from tests.terraform.terraform import CHECKOUT, CONFIGURATION

_COLLECTION = re.compile(r'\.(?:collection|collection_group|path)\(\s*f?"(\w+)"')
LASTING = {"cache_state", "folders", "groups", "messages"}
"""Collections that share an adapter with one that expires, and do not."""


def _adapters() -> dict[str, str]:
    return {file.name: file.read_text() for file in (CHECKOUT / "shared" / "gcp").glob("firestore_*.py")}


def _named(text: str) -> set[str]:
    """The collections that an adapter names, in a call or by its table of layers."""
    layers = set(COLLECTIONS.values()) if "COLLECTIONS[" in text else set()
    return set(_COLLECTION.findall(text)) | layers


def test_what_expires_is_deleted(plan: Callable[..., Plan]) -> None:
    """Every adapter that writes `expire_at` writes to a collection that Firestore empties by it."""
    emptied = {
        one.known["collection"] for one in plan().of("google_firestore_field") if one.known["ttl_config"]
    }
    writers = {name: text for name, text in _adapters().items() if re.search(r'"expire_at":', text)}
    assert writers
    for name, text in writers.items():
        kept = _named(text) - emptied - LASTING
        assert not kept, (
            f"{name} writes expire_at; declare a ttl_config for {sorted(kept)}, or name it in LASTING"
        )


def test_nothing_is_emptied_that_nobody_writes(plan: Callable[..., Plan]) -> None:
    """A collection with an expiry, an index or an exemption is one of the code's."""
    written = {one for text in _adapters().values() for one in _named(text)}
    made = plan()
    # the two places of an index are named by a setting
    written |= set(get_args(IndexSettings.model_fields["vectors"].annotation))
    for kind in ("google_firestore_field", "google_firestore_index"):
        assert {one.known["collection"] for one in made.of(kind)} <= written


def test_the_local_firestore_reads_the_same(plan: Callable[..., Plan]) -> None:
    """The stand-in enforces exactly the indexes and exemptions that Terraform would make."""
    made = plan()
    local = {
        (one.collection, tuple(field.path for field in one.fields)) for one in read_indexes(CONFIGURATION)
    }
    planned = {
        (one.known["collection"], tuple(field["field_path"] for field in one.known["fields"]))
        for one in made.of("google_firestore_index")
    }
    assert local == planned
    exempt = {
        (one.known["collection"], one.known["field"])
        for one in made.of("google_firestore_field")
        if one.known["index_config"]
    }
    assert {(one.collection, one.path) for one in read_overrides(CONFIGURATION)} == exempt


def test_everything_is_of_one_database(plan: Callable[..., Plan]) -> None:
    """Fields, indexes and backups belong to the database that the functions are told."""
    made = plan(firestore_database="docent")
    for kind in ("google_firestore_field", "google_firestore_index", "google_firestore_backup_schedule"):
        assert {one.known["database"] for one in made.of(kind)} == {"docent"}
    assert made.environment("chat")["FIRESTORE_DATABASE"] == "docent"
