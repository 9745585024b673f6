"""A google provider that knows its schema and nothing else: it validates and plans, and makes nothing.

It is told of by TF_REATTACH_PROVIDERS (https://developer.hashicorp.com/terraform/plugin/debugging), as the
developers of providers do, so the configuration is the real one and needs no registry.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any

import grpc
import msgpack

from tests.terraform.provider.extract import Schema
from tests.terraform.provider.messages import MESSAGES, METHODS, PACKAGE

SOURCE = "registry.terraform.io/hashicorp/google"
_UNKNOWN = msgpack.ExtType(0, b"\0")
_NESTINGS = {"single": 1, "list": 2, "set": 3}
_PROJECT_NUMBER = "123456789012"


class SchemaOnlyProvider:
    """Serves `schemas`, as extract() gives them, on a loopback port until close()."""

    def __init__(self, schemas: Mapping[str, Mapping[str, Schema]]) -> None:
        self._schemas = schemas
        self._server = grpc.server(ThreadPoolExecutor(4))
        handlers = {
            name: grpc.unary_unary_rpc_method_handler(
                self._answer(name, MESSAGES[answer]),
                request_deserializer=MESSAGES[request].FromString,
                response_serializer=MESSAGES[answer].SerializeToString,
            )
            for name, (request, answer) in METHODS.items()
        }
        self._server.add_generic_rpc_handlers(
            [grpc.method_handlers_generic_handler(f"{PACKAGE}.Provider", handlers)]
        )
        self._port = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()

    @property
    def environment(self) -> dict[str, str]:
        """What tells Terraform of this provider."""
        address = {"Network": "tcp", "String": f"127.0.0.1:{self._port}"}
        told = {"Protocol": "grpc", "ProtocolVersion": 5, "Pid": os.getpid(), "Test": True, "Addr": address}
        return {"TF_REATTACH_PROVIDERS": json.dumps({SOURCE: told})}

    def close(self) -> None:
        """Stop serving."""
        self._server.stop(grace=None).wait()

    def _answer(self, method: str, answer: Any) -> Callable[[Any, grpc.ServicerContext], Any]:
        own = {
            "GetSchema": lambda _: self._told,
            "PrepareProviderConfig": lambda request: {"prepared_config": request.config},
            "ValidateResourceTypeConfig": lambda request: self._validate(request, "resource"),
            "ValidateDataSourceConfig": lambda request: self._validate(request, "data"),
            "UpgradeResourceState": self._upgrade,
            "ReadResource": lambda request: {"new_state": request.current_state},
            "PlanResourceChange": self._plan,
            "ReadDataSource": self._read_data,
        }.get(method, lambda _: {})
        return lambda request, _: answer(**own(request))

    @cached_property  # every command asks several times
    def _told(self) -> dict[str, Any]:
        def entries(kind: str) -> list[Any]:
            return [
                MESSAGES["SchemaEntry"](key=name, value=_schema(schema))
                for name, schema in self._schemas[kind].items()
            ]

        return {
            "provider": _schema(self._schemas["provider"]["google"]),
            "resource_schemas": entries("resource"),
            "data_source_schemas": entries("data"),
        }

    def _validate(self, request: Any, kind: str) -> dict[str, Any]:
        """Refuse what Terraform leaves to providers: a value for what only Google decides."""
        found = _decided_elsewhere(_decoded(request.config), self._schemas[kind][request.type_name])
        summary = "Value for unconfigurable attribute"
        return {"diagnostics": [{"severity": 1, "summary": summary, "detail": name} for name in found]}

    def _upgrade(self, request: Any) -> dict[str, Any]:
        return {"upgraded_state": _value(json.loads(request.raw_state.json))}

    def _plan(self, request: Any) -> dict[str, Any]:
        """What is not set and only Google knows is unknown; all else stays as it was written."""
        proposed = _decoded(request.proposed_new_state)
        planned = proposed and _with_unknowns(proposed, self._schemas["resource"][request.type_name])
        return {"planned_state": _value(planned), "legacy_type_system": True}

    def _read_data(self, request: Any) -> dict[str, Any]:
        """Every text of a data source is its own address, and a number is one project's."""
        schema = self._schemas["data"][request.type_name]
        found = _decoded(request.config)
        for name, (kind, _) in schema["attributes"].items():
            if found[name] is None and kind == "string":
                found[name] = _PROJECT_NUMBER if name == "number" else f"{request.type_name}.{name}"
        return {"state": _value(found)}


def _schema(schema: Schema) -> Any:
    return MESSAGES["Schema"](block=_block(schema))


def _block(schema: Schema) -> Any:
    attributes = [
        MESSAGES["Attribute"](
            name=name,
            type=json.dumps(kind).encode(),
            required=use == "required",
            optional=use in {"optional", "both"},
            computed=use in {"computed", "both"},
        )
        for name, (kind, use) in schema["attributes"].items()
    ]
    blocks = [
        MESSAGES["NestedBlock"](
            type_name=name,
            block=_block(inner),
            nesting=_NESTINGS[nesting],
            min_items=int(required),
            max_items=0 if nesting == "single" else most,
        )
        for name, (nesting, required, most, inner) in schema["blocks"].items()
    ]
    return MESSAGES["Block"](attributes=attributes, block_types=blocks)


def _decided_elsewhere(value: Any, schema: Schema) -> Iterator[str]:
    for name, (_, use) in schema["attributes"].items():
        if use == "computed" and value[name] is not None:
            yield name
    for name, (_, _, _, inner) in schema["blocks"].items():
        for one in value[name] if isinstance(value[name], list) else []:
            yield from _decided_elsewhere(one, inner)


def _with_unknowns(value: dict[str, Any], schema: Schema) -> dict[str, Any]:
    filled = dict(value)
    for name, (_, use) in schema["attributes"].items():
        if filled[name] is None and use in {"computed", "both"}:
            filled[name] = _UNKNOWN
    for name, (_, _, _, inner) in schema["blocks"].items():
        if isinstance(filled[name], list):
            filled[name] = [_with_unknowns(one, inner) for one in filled[name]]
    return filled


def _decoded(value: Any) -> Any:
    return msgpack.unpackb(value.msgpack, strict_map_key=False) if value.msgpack else json.loads(value.json)


def _value(value: Any) -> Any:
    return MESSAGES["DynamicValue"](msgpack=msgpack.packb(value))
