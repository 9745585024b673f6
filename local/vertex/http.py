"""The HTTP face: publisher models of any project and location, v1 and v1beta1."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from pydantic_core import to_json
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Scope

from local.control.faults import Control, Fault
from local.control.http import FAULT, ControlMiddleware
from local.httperrors import ApiError, error_response, injected_body, json_object
from local.vertex.catalogue import embedding_model, generation_model, not_found
from local.vertex.embeddings import Embeddings
from local.vertex.generation import Generation
from local.vertex.settings import Settings
from local.vertex.weights import WeightsMissing

MODEL_PATH = (
    "/{version:str}/projects/{project:str}/locations/{location:str}/publishers/google/models/{call:str}"
)
MAX_BODY = 32 * 1024 * 1024

Method = Callable[[str, str, Any, Request, Fault | None], Awaitable[Response]]


class VertexHttp:
    """Routes a model call to embeddings or generation, after the armed faults had their turn."""

    def __init__(
        self, embeddings: Embeddings, generation: Generation, control: Control, settings: Settings
    ) -> None:
        self._embeddings, self._generation = embeddings, generation
        self._control, self._settings = control, settings
        self._methods: dict[str, Method] = {
            "predict": self._predict,
            "embedContent": self._embed_content,
            "generateContent": self._generate,
            "streamGenerateContent": self._generate,
            "countTokens": self._count,
        }

    def app(self) -> ASGIApp:
        """The ASGI app, behind its control."""
        everything = ["GET", "POST", "PUT", "PATCH", "DELETE"]
        app = Starlette(
            routes=[
                Route(MODEL_PATH, self._call, methods=["POST"]),
                Route("/{path:path}", _unimplemented, methods=everything),
            ],
            exception_handlers={ApiError: _refused, WeightsMissing: _refused},
        )
        return ControlMiddleware(app, self._control, self._name, injected_body)

    def _name(self, scope: Scope) -> str:
        """The method after the colon, where it is one of ours."""
        name = str(scope["path"]).rpartition(":")[2]
        return name if name in self._methods else "unknown"

    async def _call(self, request: Request) -> Response:
        """Do what the method after the colon says, with the fault that hit the call if it is one of ours."""
        model, _, name = request.path_params["call"].rpartition(":")
        method = self._methods.get(name)
        if method is None or request.path_params["version"] not in {"v1", "v1beta1"}:
            return await _unimplemented(request)
        fault: Fault | None = request.scope.get(FAULT)
        parent = "projects/{project}/locations/{location}".format(**request.path_params)
        if model in self._settings.retired_models:
            raise not_found(parent, model)
        return await method(parent, model, await json_object(request, MAX_BODY), request, fault)

    async def _predict(self, parent: str, name: str, body: Any, _: Request, __: Fault | None) -> Response:
        model = embedding_model(parent, name, "predict")
        return _json(await self._embeddings.predict(model, body))

    async def _embed_content(
        self, parent: str, name: str, body: Any, _: Request, __: Fault | None
    ) -> Response:
        model = embedding_model(parent, name, "embedContent")
        return _json(await self._embeddings.embed_content(model, body))

    async def _generate(
        self, parent: str, name: str, body: Any, request: Request, fault: Fault | None
    ) -> Response:
        generation_model(parent, name, self._settings.generate_models)
        script = fault.status if fault else ""
        if request.path_params["call"].endswith(":generateContent"):
            return await self._generation.whole(name, body, script)
        sse = request.query_params.get("alt") == "sse"
        return await self._generation.stream(name, body, script, sse=sse)

    async def _count(self, parent: str, name: str, body: Any, _: Request, __: Fault | None) -> Response:
        generation_model(parent, name, self._settings.generate_models)
        return JSONResponse(await self._generation.count(body))


async def _unimplemented(request: Request) -> Response:
    message = f"{request.method} {request.url.path} is not emulated by the local Vertex AI; see its README."
    return error_response(ApiError(501, message))


async def _refused(_: Request, error: Exception) -> Response:
    if isinstance(error, ApiError):
        return error_response(error)
    return error_response(ApiError(503, f"The local model could not be loaded: {error}"))


def _json(found: Mapping[str, Any]) -> Response:
    """Vectors, which are long lists of numbers: json takes nine times as long to write them."""
    return Response(to_json(found), media_type="application/json")
