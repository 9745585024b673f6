"""Writes docs/openapi.json: what the four functions take and answer, made of their ROUTES and schemas."""

import json
import re
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from functions.auth import routes as auth
from functions.chat import routes as chat
from functions.health import routes as health
from functions.ingest import routes as ingest
from shared.web.described import Answer, Wire
from shared.web.guard import Access, Described

FILE = Path(__file__).parents[1] / "docs" / "openapi.json"
FUNCTIONS = {"auth": auth.ROUTES, "chat": chat.ROUTES, "health": health.ROUTES, "ingest": ingest.ROUTES}
_REFERENCE = "#/components/schemas/{model}"
_PROBLEM = {
    "type": "object",
    "description": "An error (RFC 9457).",
    "required": ["type", "title", "status", "detail", "request_id"],
    "properties": {
        "type": {"type": "string", "pattern": "^urn:problem-type:docent:"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
    },
}
_SIGNED_IN: list[dict[str, list[str]]] = [{"session": []}, {"token": []}]


def document() -> dict[str, Any]:
    """The whole description, as OpenAPI 3.1."""
    routes = list(_routes())
    found, schemas = _schemas(routes)
    paths: dict[str, Any] = {}
    for function, route in routes:
        for method in sorted((route.methods or set()) - {"HEAD"}):
            operation = _operation(function, route, found)
            paths.setdefault(route.path, {})[method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Docent",
            "version": "1",
            "description": "Made by scripts/openapi.py; docs/api.md says more.",
        },
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted({**schemas, "Problem": _PROBLEM}.items())),
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "__session"},
                "token": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _routes() -> Iterator[tuple[str, Described]]:
    for function, listed in FUNCTIONS.items():
        for one in listed:
            if not isinstance(one, Described) or one.wire is None:
                raise SystemExit(f"{one.path} does not say what it takes and answers: route(..., wire=...)")
            yield function, one


def _schemas(routes: list[tuple[str, Described]]) -> tuple[dict[Any, Any], dict[str, Any]]:
    """The schema of everything that is taken or answered, and what they refer to."""
    wanted: dict[Any, Any] = {}
    for _, route in routes:
        for key, kind, mode in _types(route.wire):
            wanted[key] = (key, mode, TypeAdapter(kind))
    found, definitions = TypeAdapter.json_schemas(list(wanted.values()), ref_template=_REFERENCE)
    return {key: schema for (key, _), schema in found.items()}, definitions.get("$defs", {})


def _types(wire: Wire | None) -> Iterator[tuple[str, Any, str]]:
    """Name, type and mode of what crosses over."""
    if wire is None:
        return
    for kind in (wire.query, wire.body):
        if kind is not None:
            yield _key(kind), kind, "validation"
    for _, answer in wire.answers:
        if isinstance(answer, type):
            yield _key(answer), answer, "serialization"
    for _, event in wire.events:
        if event is not None:
            yield _key(event), event, "serialization"


def _key(kind: Any) -> str:
    return f"{getattr(kind, '__module__', '')}.{kind!r}"


def _operation(function: str, route: Described, found: dict[Any, Any]) -> dict[str, Any]:
    wire = route.wire or Wire(())
    text = re.sub(r"^[A-Z]+ /\S+: ", "", (route.endpoint.__doc__ or "").strip())
    said = " ".join(text.split("\n\n")[0].split())
    operation: dict[str, Any] = {
        "operationId": f"{function}_{route.name}",
        "tags": [function],
        "summary": said[:1].upper() + said[1:],
        "x-access": route.access.name.lower(),
        "security": [] if route.access is Access.PUBLIC else _SIGNED_IN,
    }
    if parameters := [*_path_parameters(route), *_query_parameters(wire)]:
        operation["parameters"] = parameters
    if wire.body is not None:
        content = {"application/json": {"schema": found[_key(wire.body)]}}
        operation["requestBody"] = {"required": True, "content": content}
    operation["responses"] = _responses(wire, found)
    return operation


def _path_parameters(route: Described) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", route.path)
    ]


def _query_parameters(wire: Wire) -> list[dict[str, Any]]:
    if wire.query is None:
        return []
    schema = wire.query.model_json_schema()
    if "$defs" in schema:
        raise SystemExit(f"{wire.query.__name__}: a query is flat")
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _untitled(one)}
        for name, one in schema["properties"].items()
    ]


def _untitled(schema: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key != "title"}


def _responses(wire: Wire, found: dict[Any, Any]) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for status, answer in wire.answers:
        said = responses.setdefault(str(status), {"description": HTTPStatus(status).phrase})
        if answer:
            _add(said, answer, found)
    if wire.events:
        events = {
            name: {"$ref": _REFERENCE.format(model="Problem")} for name, one in wire.events if one is None
        }
        events |= {name: found[_key(one)] for name, one in wire.events if one is not None}
        responses["200"]["content"]["text/event-stream"] = {"schema": {"type": "string"}, "x-events": events}
    problem = {"schema": {"$ref": _REFERENCE.format(model="Problem")}}
    responses["default"] = {"description": "An error", "content": {"application/problem+json": problem}}
    return responses


def _add(said: dict[str, Any], answer: Answer, found: dict[Any, Any]) -> None:
    """One more thing that may be answered with a status."""
    content = said.setdefault("content", {})
    if not isinstance(answer, type):
        content[str(answer)] = {"schema": {"type": "string"}}
        return
    schema = found[_key(answer)]
    known = content.get("application/json")
    content["application/json"] = {"schema": {"anyOf": [known["schema"], schema]} if known else schema}


def text() -> str:
    """The file."""
    return json.dumps(document(), indent=1, ensure_ascii=False, sort_keys=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
    print(f"{FILE.relative_to(Path.cwd())}: {len(document()['paths'])} paths")
