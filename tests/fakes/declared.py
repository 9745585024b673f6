"""A local Firestore with the indexes that Terraform declares, and no others."""

from pathlib import Path

from local.standin import Options

TERRAFORM = Path(__file__).parents[2] / "terraform"


def declared(state: Path | None = None) -> Options:
    """The options of such a FirestoreServer; every test of our own code uses them (tests/repo holds that)."""
    return Options(state=state, settings={"firestore_indexes": str(TERRAFORM)})
