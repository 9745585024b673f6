"""Google's generated messages without the clients that come with them."""

import importlib.util
import sys
from collections.abc import Sequence
from types import ModuleType

PACKAGES = ("google.cloud.firestore_v1", "google.cloud.secretmanager_v1", "google.cloud.tasks_v2")
"""Those of which the stand-ins import PACKAGE.types only."""


def leave_out_clients(packages: Sequence[str] = PACKAGES) -> None:
    """Let `from PACKAGE.types import ...` load the messages alone, for the rest of this process.

    PACKAGE itself imports its clients, their transports and google.auth: 25 MB and 0.3 s, for nothing in a
    process that only serves. It must not have been imported yet; its clients are not to be had afterwards.
    """
    for package in packages:
        spec = importlib.util.find_spec(package) if package not in sys.modules else None
        if spec is not None and spec.submodule_search_locations is not None:
            bare = ModuleType(package)
            bare.__path__ = list(spec.submodule_search_locations)
            sys.modules[package] = bare
