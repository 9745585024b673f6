"""Which stand-ins there are, and how they are spread over processes."""

import importlib
from typing import cast

from local.standin import Options, StandIn

STAND_INS = {
    "firestore": ("local.firestore.server", "FirestoreServer"),
    "tasks": ("local.tasks.server", "TasksServer"),
    "secrets": ("local.secrets.server", "SecretsServer"),
    "vertex": ("local.vertex.server", "VertexServer"),
    "drive": ("local.drive.server", "DriveServer"),
    "signin": ("local.signin.server", "SigninServer"),
    "scheduler": ("local.scheduler.server", "Scheduler"),
    "storage": ("local.storage.server", "StorageServer"),
    "ranking": ("local.ranking.server", "RankingServer"),
    "documentai": ("local.documentai.server", "DocumentAiServer"),
    "firebase": ("local.firebase.server", "FirebaseServer"),
}
"""Imported when started only: each brings its own libraries."""

PROCESSES = {
    "firestore": ("firestore",),
    "vertex": ("vertex",),
    "services": (
        "signin",
        "secrets",
        "tasks",
        "drive",
        "scheduler",
        "storage",
        "ranking",
        "documentai",
        "firebase",
    ),
}
"""The two that work hardest have a process each; the rest share one, which saves their start and memory."""

FUNCTIONS = ("auth", "chat", "ingest", "health")


def make(name: str, options: Options) -> StandIn:
    """The stand-in of this name, not yet started."""
    module, attribute = STAND_INS[name]
    return cast("StandIn", getattr(importlib.import_module(module), attribute)(options))
