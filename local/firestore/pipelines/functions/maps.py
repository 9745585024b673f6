"""Maps. Source: https://firebase.google.com/docs/firestore/pipelines/functions/map-functions."""

from local.firestore.pipelines.functions.registry import Functions, plain, strict
from local.firestore.pipelines.values import (
    NULL_VALUE,
    EvaluationError,
    Maybe,
    array,
    fields_of,
    is_null,
    mapping,
    text,
    text_of,
    type_of,
)


def map_get(source: Maybe, key: Maybe) -> Maybe:
    """The value under a key; absent when there is none, or no map."""
    if source is None or type_of(source) != "map" or is_null(key):
        return None
    return source.map_value.fields.get(text_of(key, "map_get"))


def _pairs(function: str, arguments: tuple[Maybe, ...]) -> dict[str, Maybe]:
    if len(arguments) % 2:
        raise EvaluationError(f"{function}() requires a value for every key.")
    keys = [text_of(key, function) for key in arguments[::2] if key is not None]
    return dict(zip(keys, arguments[1::2], strict=True))


def _map_set(source: Maybe, *pairs: Maybe) -> Maybe:
    if is_null(source):
        return NULL_VALUE
    return mapping(fields_of(source, "map_set") | _pairs("map_set", pairs))


def _map_remove(source: Maybe, *keys: Maybe) -> Maybe:
    gone = {text_of(key, "map_remove") for key in keys}
    return mapping({name: one for name, one in fields_of(source, "map_remove").items() if name not in gone})


def _map_merge(*maps: Maybe) -> Maybe:
    merged: dict[str, Maybe] = {}
    for one in maps:
        merged |= fields_of(one, "map_merge")
    return mapping(merged)


def _sorted(source: Maybe, function: str) -> list[tuple[str, Maybe]]:
    return sorted(fields_of(source, function).items(), key=lambda pair: pair[0].encode())


FUNCTIONS: Functions = {
    "map": plain(lambda *pairs: mapping(_pairs("map", pairs)), 0, None),
    "map_get": plain(map_get, 2),
    "get_field": plain(map_get, 2),
    "map_set": plain(_map_set, 3, None),
    "map_remove": strict(_map_remove, 2, None),
    "map_merge": strict(_map_merge, 2, None),
    "map_keys": strict(lambda source: array(text(name) for name, _ in _sorted(source, "map_keys")), 1),
    "map_values": strict(lambda source: array(one for _, one in _sorted(source, "map_values")), 1),
    "map_entries": strict(
        lambda source: array(mapping({"k": text(k), "v": v}) for k, v in _sorted(source, "map_entries")), 1
    ),
}
