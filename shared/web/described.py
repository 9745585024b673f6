"""What a route takes and answers, said beside the route: the API's description is made of it."""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict
from starlette.responses import JSONResponse

Answer = type[BaseModel] | str | None
"""A model as JSON, the media type of anything else, or None for no body."""


class WireModel(BaseModel):
    """A message as JSON. Its validator is made at its first use: an instance uses few of a function's."""

    model_config = ConfigDict(defer_build=True)


@dataclass(frozen=True, slots=True)
class Wire:
    """The query, the body and the answers of a route; `events` are those of a stream, by name."""

    answers: tuple[tuple[int, Answer], ...]
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    events: tuple[tuple[str, object], ...] = ()


def described(
    *answers: Answer,
    status: int = 0,
    query: type[BaseModel] | None = None,
    body: type[BaseModel] | None = None,
    events: tuple[tuple[str, object], ...] = (),
) -> Wire:
    """A Wire with these answers; the status is 200, or 204 where there is no body, unless it is given."""
    found = tuple((status or (204 if one is None else 200), one) for one in answers)
    return Wire(found, query, body, events)


def wired(model: BaseModel, status: int = 200) -> JSONResponse:
    """A model as the answer."""
    return JSONResponse(model.model_dump(mode="json"), status)
