"""The messages of Terraform's plugin protocol, version 5, as far as a provider of schemas needs them.

Source: tfplugin5.proto, https://developer.hashicorp.com/terraform/plugin/terraform-plugin-protocol. They are
built from the table below, because the one package that brings them generated pins an old protobuf.
"""

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

PACKAGE = "tfplugin5"

_FieldProto = descriptor_pb2.FieldDescriptorProto
_SCALARS = {
    "bytes": _FieldProto.TYPE_BYTES,
    "string": _FieldProto.TYPE_STRING,
    "bool": _FieldProto.TYPE_BOOL,
    "int64": _FieldProto.TYPE_INT64,
    "enum": _FieldProto.TYPE_INT32,  # the same on the wire
}

_MESSAGES = {
    "DynamicValue": "bytes msgpack 1, bytes json 2",
    "Diagnostic": "enum severity 1, string summary 2, string detail 3",
    "Attribute": "string name 1, bytes type 2, bool required 4, bool optional 5, bool computed 6",
    "NestedBlock": "string type_name 1, Block block 2, enum nesting 3, int64 min_items 4, int64 max_items 5",
    "Block": "int64 version 1, *Attribute attributes 2, *NestedBlock block_types 3",
    "Schema": "int64 version 1, Block block 2",
    "SchemaEntry": "string key 1, Schema value 2",
    "RawState": "bytes json 1",
    "Empty": "",
    "GetSchemaResponse": (
        "Schema provider 1, *SchemaEntry resource_schemas 2, *SchemaEntry data_source_schemas 3"
    ),
    "PrepareRequest": "DynamicValue config 1",
    "PrepareResponse": "DynamicValue prepared_config 1",
    "TypeRequest": "string type_name 1, DynamicValue config 2",
    "Diagnostics": "*Diagnostic diagnostics 1",
    "UpgradeRequest": "string type_name 1, int64 version 2, RawState raw_state 3",
    "UpgradeResponse": "DynamicValue upgraded_state 1",
    "ReadRequest": "string type_name 1, DynamicValue current_state 2",
    "ReadResponse": "DynamicValue new_state 1",
    "PlanRequest": "string type_name 1, DynamicValue prior_state 2, DynamicValue proposed_new_state 3",
    "PlanResponse": "DynamicValue planned_state 1, *Diagnostic diagnostics 4, bool legacy_type_system 5",
    "DataResponse": "DynamicValue state 1",
}
"""Fields by message: type, name, number; a star marks a repeated one. A map is repeated entries."""

METHODS = {
    "GetSchema": ("Empty", "GetSchemaResponse"),
    "PrepareProviderConfig": ("PrepareRequest", "PrepareResponse"),
    "ValidateResourceTypeConfig": ("TypeRequest", "Diagnostics"),
    "ValidateDataSourceConfig": ("TypeRequest", "Diagnostics"),
    "UpgradeResourceState": ("UpgradeRequest", "UpgradeResponse"),
    "Configure": ("Empty", "Diagnostics"),
    "ReadResource": ("ReadRequest", "ReadResponse"),
    "PlanResourceChange": ("PlanRequest", "PlanResponse"),
    "ReadDataSource": ("TypeRequest", "DataResponse"),
    "Stop": ("Empty", "Empty"),
}
"""Request and answer by method. What is not here, applying above all, is answered UNIMPLEMENTED."""


def _file() -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(name="docent/tfplugin5.proto", package=PACKAGE, syntax="proto3")
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for field in filter(None, fields.split(", ")):
            kind, label, number = field.split(" ")
            repeated, kind = kind.startswith("*"), kind.lstrip("*")
            added = message.field.add(name=label, number=int(number))
            added.label = _FieldProto.LABEL_REPEATED if repeated else _FieldProto.LABEL_OPTIONAL
            if kind in _SCALARS:
                added.type = _SCALARS[kind]
            else:
                added.type, added.type_name = _FieldProto.TYPE_MESSAGE, f".{PACKAGE}.{kind}"
    return file


_pool = descriptor_pool.DescriptorPool()
_pool.Add(_file())

MESSAGES: dict[str, Any] = {
    name: message_factory.GetMessageClass(_pool.FindMessageTypeByName(f"{PACKAGE}.{name}"))
    for name in _MESSAGES
}
"""Message classes by name."""
