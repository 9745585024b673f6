"""GET /cache/status, POST /cache/clear, POST /cache/preload, for administrators."""

from datetime import UTC, datetime
from typing import Literal

from pydantic import ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from functions.health.serving import economy
from shared.limits.caching import CacheStatus, LayerStatus
from shared.limits.prices import dollars
from shared.web.body import read
from shared.web.described import WireModel, described, wired
from shared.web.guard import Access, route


class LayerJson(WireModel):
    """One layer, today. What is stored is None for a layer that lives in the instances alone."""

    memory_hits: int
    store_hits: int
    misses: int
    stale: int
    stored_entries: int | None
    stored_bytes: int | None
    oldest_seconds: int | None

    @classmethod
    def of(cls, found: LayerStatus) -> "LayerJson":
        """The layer, as the wire shows it."""
        stored = found.stored
        oldest = stored.oldest if stored else None
        return cls(
            memory_hits=found.memory_hits,
            store_hits=found.store_hits,
            misses=found.misses,
            stale=found.stale,
            stored_entries=stored.entries if stored else None,
            stored_bytes=stored.bytes if stored else None,
            oldest_seconds=round((datetime.now(UTC) - oldest).total_seconds()) if oldest else None,
        )


class StatusJson(WireModel):
    """The answer of GET /cache/status. `saved` is US dollars, today."""

    layers: dict[str, LayerJson]
    saved: float
    shared_answers: int
    not_modified: int

    @classmethod
    def of(cls, found: CacheStatus) -> "StatusJson":
        """The status, as the wire shows it."""
        return cls(
            layers={name: LayerJson.of(one) for name, one in found.layers.items()},
            saved=dollars(found.saved),
            shared_answers=found.counts.get("shared_answers", 0),
            not_modified=found.counts.get("not_modified", 0),
        )


class Clear(WireModel):
    """Which layers to clear; none named: all."""

    model_config = ConfigDict(extra="forbid")

    layers: list[Literal["answers", "embeddings"]] = Field([], max_length=2)


class Cleared(WireModel):
    """The answer of POST /cache/clear."""

    cleared: int


class Preloaded(WireModel):
    """The answer of POST /cache/preload: how many questions have a vector now."""

    questions: int


class Preload(WireModel):
    """How many of the newest questions to warm the cache with."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(100, ge=1, le=1000)


async def status(request: Request) -> Response:
    """GET /cache/status: hits, misses, bytes, age and money saved, by layer."""
    found = StatusJson.of(await economy(request).caches.status())
    return JSONResponse(found.model_dump(mode="json"))


async def clear(request: Request) -> Response:
    """POST /cache/clear: nothing that was cached before is used from now on."""
    wanted = await read(request, Clear)
    return wired(Cleared(cleared=await economy(request).caches.clear(tuple(wanted.layers))))


async def preload(request: Request) -> Response:
    """POST /cache/preload: vectors of questions that were really asked."""
    wanted = await read(request, Preload)
    return wired(Preloaded(questions=await economy(request).caches.preload(wanted.limit)))


ROUTES = [
    route("/cache/status", status, access=Access.ADMIN, wire=described(StatusJson)),
    route("/cache/clear", clear, method="POST", access=Access.ADMIN, wire=described(Cleared, body=Clear)),
    route(
        "/cache/preload",
        preload,
        method="POST",
        access=Access.ADMIN,
        wire=described(Preloaded, body=Preload),
    ),
]
