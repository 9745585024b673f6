"""Saves all that Docent holds to Cloud Storage, and reads it into an empty project; embeds nothing."""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from scripts.recovery.documents import Documents
from scripts.recovery.restoring import Restoring
from scripts.recovery.saving import Project, Saving
from shared.errors import AppError
from shared.gcp import clients
from shared.gcp.firestore_chunks import FirestoreChunks
from shared.gcp.firestore_database import Database
from shared.gcp.firestore_files import FirestoreFiles
from shared.gcp.firestore_indexes import FirestoreIndexStates
from shared.gcp.firestore_runs import FirestoreStates
from shared.gcp.firestore_transfers import FirestoreTransfers
from shared.gcp.own_account import cloud_credentials
from shared.gcp.storage_objects import StorageObjects
from shared.gcp.vector_backend import backends
from shared.ingestion.parts import Embedding
from shared.settings import ExportSettings, FirestoreSettings, ProjectSettings

TERRAFORM = Path(__file__).parents[2] / "terraform"
SETTINGS = ("docent.tfvars", "verified.auto.tfvars.json")
"""Files of terraform/ that say how the project is set up; none holds a secret."""
_PATIENCE = 30.0
"""Seconds for one call: nobody waits at a page."""


class Unknown(Exception):
    """What is to be saved is not known; the sentence says what to do."""


def main() -> int:
    """Save or restore; 1 with a sentence when it cannot be done."""
    arguments = _arguments()
    try:
        if arguments.project:
            os.environ.update(deployed(arguments.project, arguments.prefix))
        begun = time.monotonic()
        if arguments.act == "backup":
            asyncio.run(_backup(arguments.bucket, arguments.prefix))
        else:
            asyncio.run(_restore(arguments.source))
    except (Unknown, AppError) as error:
        print(error.detail if isinstance(error, AppError) else error, file=sys.stderr)
        return 1
    print(f"{time.monotonic() - begun:.1f} s")
    return 0


async def _backup(bucket: str, prefix: str) -> None:
    bucket = bucket or f"{os.environ['GOOGLE_CLOUD_PROJECT']}-{prefix}-backups"
    folder = f"gs://{bucket}/docent/{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    print(f"backup into {folder}")
    made = await Saving(await project(), _objects(), folder).save(_settings())
    files = made.kinds["files"].items
    print(f"{files:,} files, {made.chunks:,} chunks with their vectors; as of {made.at}, complete.")
    print(f"  make restore PROJECT=... FROM={folder}")


async def _restore(folder: str) -> None:
    transfers = FirestoreTransfers(_database(), _PATIENCE)
    backup = await Restoring(await project(), transfers, _objects(), folder.rstrip("/")).restore()
    lost = datetime.now(UTC) - datetime.fromisoformat(backup.at)
    print(f"restored: {backup.chunks:,} chunks, 0 embedded")
    print(f"RPO {lost.total_seconds():.0f} s: what changed since {backup.at} is not in it; what changed in")
    print("Drive comes with the first sync. RTO, without the deployment's own time:")
    for name, text in backup.settings.items():
        if not (TERRAFORM / name).exists():
            (TERRAFORM / name).write_text(text, encoding="utf-8")
            print(f"terraform/{name} is back")


async def project() -> Project:
    """The project that the environment names, with the settings of its ingest function.

    Its index is the one that answers; in an empty project the first of the settings.
    """
    store, db = FirestoreSettings(timeout=_PATIENCE), _database()
    known = {one.space: one for one in backends()}
    answering = await FirestoreIndexStates(db, _PATIENCE).answering()
    backend = known[answering] if answering else next(iter(known.values()))
    return Project(
        name=ProjectSettings().google_cloud_project,
        documents=Documents(db.client, _PATIENCE),
        records=FirestoreFiles(db, _PATIENCE),
        chunks=FirestoreChunks(db, _PATIENCE),
        index=backend.index(db, store),
        reader=backend.contents(db, store),
        states=FirestoreStates(db, _PATIENCE),
        embedding=Embedding(backend.genai.embedding_model, backend.genai.embedding_dimensions),
    )


def _database() -> Database:
    return clients.firestore(ProjectSettings(), FirestoreSettings(timeout=_PATIENCE))


def _objects() -> StorageObjects:
    return StorageObjects(ExportSettings(), cloud_credentials())


def _settings() -> dict[str, str]:
    there = [TERRAFORM / name for name in SETTINGS if (TERRAFORM / name).exists()]
    return {file.name: file.read_text(encoding="utf-8") for file in there}


def deployed(name: str, prefix: str) -> dict[str, str]:
    """What the project's ingest function is told, from Terraform's state. Raises Unknown."""
    state = [f"-backend-config=bucket={name}-{prefix}-state", "-backend-config=prefix=terraform"]
    ran = None
    for words in (["init", "-input=false", "-reconfigure", *state], ["output", "-json"]):
        try:
            ran = subprocess.run(  # noqa: S603 - our own words
                ["terraform", *words],  # noqa: S607 - whichever terraform is there
                cwd=TERRAFORM,
                capture_output=True,
                text=True,
                check=True,
                timeout=300,
            )
        except (subprocess.CalledProcessError, FileNotFoundError, subprocess.TimeoutExpired) as error:
            said = getattr(error, "stderr", "") or error
            raise Unknown(f"Terraform does not say how {name} is set up: {said}") from None
    outputs = json.loads(ran.stdout if ran else "{}")
    if outputs.get("project", {}).get("value") != name:
        raise Unknown(f"{name} has no Docent, as far as its Terraform state says; make deploy comes first.")
    told: dict[str, str] = outputs["environment"]["value"]["ingest"]
    return told


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/recovery", description=__doc__)
    acts = parser.add_subparsers(dest="act", required=True)
    for act, help_ in (("backup", "write a backup"), ("restore", "read one into an empty project")):
        one = acts.add_parser(act, help=help_)
        one.add_argument("--project", default="", help="deployed by terraform; default: this environment's")
        one.add_argument("--prefix", default="docent")
        if act == "backup":
            one.add_argument("--bucket", default="", help="default: PROJECT-PREFIX-backups")
        else:
            one.add_argument("--from", dest="source", required=True, help="gs://BUCKET/docent/TIME")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
