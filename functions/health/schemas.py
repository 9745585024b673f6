"""The wire of the health function."""

from typing import Literal

from pydantic import BaseModel


class Health(BaseModel):
    """What anybody may know: no names, no counts of files."""

    status: Literal["ok", "degraded"]
    rag_initialized: bool
    collections_available: int
    auth_required: bool = True


class Stats(BaseModel):
    """What a signed-in person may know."""

    collections: int
    files_indexed: int
