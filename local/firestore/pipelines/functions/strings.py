"""Strings, and bytes where the functions take them.

Source: https://firebase.google.com/docs/firestore/pipelines/functions/string-functions and
.../generic-functions.
Positions and lengths of strings count characters (Unicode code points), those of bytes count bytes.
"""

import re
from collections.abc import Callable
from typing import Any, TypeVar

from local.firestore.nearest import vector_of
from local.firestore.pipelines.functions.regexes import compiled
from local.firestore.pipelines.functions.registry import Functions, strict
from local.firestore.pipelines.values import (
    NULL_VALUE,
    EvaluationError,
    Maybe,
    array,
    boolean,
    elements_of,
    fields_of,
    integer,
    integer_of,
    mapping,
    raw,
    text,
    text_of,
    type_of,
    wrong_type,
)

MAX_LENGTH = 16 * 1024 * 1024
"""No result may be longer: an answer of the service holds 10 MiB."""

T = TypeVar("T", str, bytes)


def _content(value: Maybe, function: str) -> str | bytes:
    kind = value.WhichOneof("value_type")
    if kind == "string_value":
        return str(value.string_value)
    if kind == "bytes_value":
        return bytes(value.bytes_value)
    raise wrong_type(function, "a string or bytes", value)


def _made(content: str | bytes) -> Maybe:
    return text(content) if isinstance(content, str) else raw(content)


def _contents(function: str, *values: Maybe) -> list[Any]:
    """Arguments that must be all strings or all bytes."""
    found = [_content(one, function) for one in values]
    if len({type(one) for one in found}) > 1:
        raise EvaluationError(f"{function}() requires strings only, or bytes only.")
    return found


def _string_test(name: str, test: Callable[[str, str], bool]) -> Callable[[Maybe, Maybe], Maybe]:
    return lambda value, other: boolean(test(text_of(value, name), text_of(other, name)))


def _mapped(name: str, change: Callable[[str], str]) -> Callable[[Maybe], Maybe]:
    return lambda value: text(change(text_of(value, name)))


def _trimmed(name: str, *, left: bool, right: bool) -> Callable[..., Maybe]:
    def call(value: Maybe, chars: Maybe = None) -> Maybe:
        source = _content(value, name)
        unwanted = None if chars is None else _content(chars, name)
        if isinstance(source, str) and not isinstance(unwanted, bytes):
            return text(_strip(source, unwanted, left=left, right=right))
        if isinstance(source, bytes) and not isinstance(unwanted, str):
            return raw(_strip(source, unwanted, left=left, right=right))
        raise EvaluationError(f"{name}() requires strings only, or bytes only.")

    return call


def _strip(source: T, unwanted: T | None, *, left: bool, right: bool) -> T:
    source = source.lstrip(unwanted) if left else source
    return source.rstrip(unwanted) if right else source


def _substring(value: Maybe, position: Maybe, length: Maybe = None) -> Maybe:
    source, start = _content(value, "substring"), integer_of(position, "substring")
    start = max(0, len(source) + start) if start < 0 else start
    if length is None:
        return _made(source[start:])
    count = integer_of(length, "substring")
    if count < 0:
        raise EvaluationError("substring() requires a length that is not negative.")
    return _made(source[start : start + count])


def _repeat(value: Maybe, times: Maybe) -> Maybe:
    source, count = _content(value, "string_repeat"), integer_of(times, "string_repeat")
    if count < 0 or len(source) * count > MAX_LENGTH:
        raise EvaluationError("string_repeat() requires a count that is not negative, and a shorter result.")
    return _made(source * count)


def _replace(name: str, limit: int) -> Callable[[Maybe, Maybe, Maybe], Maybe]:
    def call(value: Maybe, find: Maybe, replacement: Maybe) -> Maybe:
        parts = _contents(name, value, find, replacement)
        if not parts[1]:
            return value
        result = parts[0].replace(parts[1], parts[2], limit)
        if len(result) > MAX_LENGTH:
            raise EvaluationError(f"{name}() requires a shorter result.")
        return _made(result)

    return call


def _index_of(value: Maybe, search: Maybe) -> Maybe:
    source, wanted = _contents("string_index_of", value, search)
    return integer(source.find(wanted))


def _split(value: Maybe, delimiter: Maybe = None) -> Maybe:
    separator = text(",") if delimiter is None else delimiter
    source, mark = _contents("split", value, separator)
    if mark:
        return array(map(_made, source.split(mark)))
    return array(_made(source[place : place + 1]) for place in range(len(source)))


def _like(value: Maybe, pattern: Maybe) -> Maybe:
    """SQL's LIKE: % stands for any characters, _ for one, a backslash takes either literally."""
    out: list[str] = []
    chars = iter(text_of(pattern, "like"))
    for char in chars:
        if char == "\\":
            out.append(re.escape(next(chars, "\\")))
        else:
            out.append({"%": ".*", "_": "."}.get(char) or re.escape(char))
    return boolean(re.fullmatch("".join(out), text_of(value, "like"), re.DOTALL) is not None)


def _regex_find(value: Maybe, pattern: Maybe) -> Maybe:
    found = compiled(text_of(pattern, "regex_find")).search(text_of(value, "regex_find"))
    return text(found[0]) if found else NULL_VALUE


def _regex_find_all(value: Maybe, pattern: Maybe) -> Maybe:
    found = compiled(text_of(pattern, "regex_find_all")).finditer(text_of(value, "regex_find_all"))
    return array(text(one[0]) for one in found)


def _regex_contains(value: Maybe, pattern: Maybe) -> Maybe:
    return boolean(
        compiled(text_of(pattern, "regex_contains")).search(text_of(value, "regex_contains")) is not None
    )


def _regex_match(value: Maybe, pattern: Maybe) -> Maybe:
    return boolean(
        compiled(text_of(pattern, "regex_match")).fullmatch(text_of(value, "regex_match")) is not None
    )


def _byte_length(value: Maybe) -> Maybe:
    content = _content(value, "byte_length")
    return integer(len(content.encode() if isinstance(content, str) else content))


def _length(value: Maybe) -> Maybe:
    kind = type_of(value)
    if kind == "array":
        return integer(len(value.array_value.values))
    if kind == "map":
        return integer(len(value.map_value.fields))
    if kind == "vector":
        return integer(len(vector_of(value)))
    return integer(len(_content(value, "length")))


def _reverse(value: Maybe) -> Maybe:
    if type_of(value) == "array":
        return array(elements_of(value, "reverse")[::-1])
    return _made(_content(value, "reverse")[::-1])


def _joined(name: str) -> Callable[..., Maybe]:
    def call(*values: Maybe) -> Maybe:
        parts = _contents(name, *values)
        result = parts[0][:0].join(parts)
        if len(result) > MAX_LENGTH:
            raise EvaluationError(f"{name}() requires a shorter result.")
        return _made(result)

    return call


def _concat(*values: Maybe) -> Maybe:
    """Values of one type end to end: strings, bytes, arrays or maps."""
    kinds = {type_of(one) for one in values}
    if kinds == {"array"}:
        return array(element for one in values for element in one.array_value.values)
    if kinds == {"map"}:
        merged: dict[str, Maybe] = {}
        for one in values:
            merged |= fields_of(one, "concat")
        return mapping(merged)
    return _joined("concat")(*values)


FUNCTIONS: Functions = {
    "byte_length": strict(_byte_length, 1),
    "char_length": strict(lambda value: integer(len(text_of(value, "char_length"))), 1),
    "concat": strict(_concat, 2, None),
    "ends_with": strict(_string_test("ends_with", str.endswith), 2),
    "length": strict(_length, 1),
    "like": strict(_like, 2),
    "ltrim": strict(_trimmed("ltrim", left=True, right=False), 1, 2),
    "regex_contains": strict(_regex_contains, 2),
    "regex_find": strict(_regex_find, 2),
    "regex_find_all": strict(_regex_find_all, 2),
    "regex_match": strict(_regex_match, 2),
    "reverse": strict(_reverse, 1),
    "rtrim": strict(_trimmed("rtrim", left=False, right=True), 1, 2),
    "split": strict(_split, 1, 2),
    "starts_with": strict(_string_test("starts_with", str.startswith), 2),
    "string_concat": strict(_joined("string_concat"), 1, None),
    "string_contains": strict(_string_test("string_contains", str.__contains__), 2),
    "string_index_of": strict(_index_of, 2),
    "string_repeat": strict(_repeat, 2),
    "string_replace_all": strict(_replace("string_replace_all", -1), 3),
    "string_replace_one": strict(_replace("string_replace_one", 1), 3),
    "string_reverse": strict(lambda value: _made(_content(value, "string_reverse")[::-1]), 1),
    "substring": strict(_substring, 2, 3),
    "to_lower": strict(_mapped("to_lower", str.lower), 1),
    "to_upper": strict(_mapped("to_upper", str.upper), 1),
    "trim": strict(_trimmed("trim", left=True, right=True), 1, 2),
}
