"""The functions of pipeline expressions over numbers, truths, texts, arrays and maps."""

import datetime as dt
import math

import pytest
from google.api_core import exceptions
from google.cloud import firestore
from google.cloud.firestore_v1.bson import BSONDecimal128, BSONInt32
from google.cloud.firestore_v1.pipeline_expressions import Variable
from google.cloud.firestore_v1.vector import Vector

from tests.local.firestore.pipelining import ABSENT, call, evaluate

DOCS = "https://firebase.google.com/docs/firestore/pipelines/functions"

ERROR = call("error", "decisive")
NAN = math.nan
BIG = 2**63 - 1


def same(got: object, wanted: object) -> bool:
    """Equal values of one type; NaN equals NaN."""
    if isinstance(wanted, float) and math.isnan(wanted):
        return isinstance(got, float) and math.isnan(got)
    return got == wanted and type(got) is type(wanted)


def at(text: str) -> dt.datetime:
    """A time in UTC."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.mark.source(f"{DOCS}/comparison-functions")
@pytest.mark.parametrize(
    ("name", "left", "right", "wanted"),
    [
        ("equal", 1, 1.0, True),
        ("equal", NAN, NAN, True),
        ("equal", None, None, True),
        ("equal", None, ABSENT, False),
        ("equal", "1", 1, False),
        ("not_equal", ABSENT, 1, True),
        ("less_than", 1, 2.5, True),
        ("less_than", 1, "a", False),
        ("greater_than", "a", 1, False),
        ("greater_than_or_equal", "b", "b", True),
        ("less_than", "\uffff", "\U0001f600", True),
        ("cmp", 1, "a", -1),
        ("cmp", None, False, -1),
        ("cmp", 2.0, 2, 0),
    ],
)
def test_comparisons(db: firestore.Client, name: str, left: object, right: object, wanted: object) -> None:
    """Equality is that of Firestore's order; the order comparisons hold within one type."""
    assert same(evaluate(db, call(name, left, right)), wanted)


@pytest.mark.source(f"{DOCS}/logical-functions")
@pytest.mark.parametrize(
    ("name", "arguments", "wanted"),
    [
        ("and", (True, True), True),
        ("and", (None, True), None),
        ("and", (ABSENT, True), None),
        ("and", (None, False), False),
        ("and", (ERROR, False), False),
        ("or", (None, True), True),
        ("or", (ABSENT, False), None),
        ("or", (ERROR, True), True),
        ("nor", (False, False), True),
        ("nor", (False, None), None),
        ("xor", (True, True, True), True),
        ("xor", (True, None), None),
        ("not", (True,), False),
        ("not", (None,), None),
        ("conditional", (None, 1, 2), 2),
        ("conditional", (True, 1, ERROR), 1),
        ("if_null", (None, ABSENT, 3), 3),
        ("if_absent", (None, 3), None),
        ("if_absent", (ABSENT, 3), 3),
        ("coalesce", (ABSENT, None, "c", ERROR), "c"),
        ("coalesce", (ABSENT,), "absent"),
        ("switch_on", (False, 1, True, 2, ERROR), 2),
        ("switch_on", (False, 1, 9), 9),
        ("equal_any", (2, [1, 2.0]), True),
        ("equal_any", (ABSENT, [1]), False),
        ("not_equal_any", (3, [1, 2]), True),
        ("not_equal_any", (3, None), None),
        ("maximum", (None, 3, 2), 3),
        ("maximum", (1, "a", 9), "a"),
        ("maximum", (None, ABSENT), None),
        ("minimum", ([3, None, 2],), 2),
        ("exists", (None,), True),
        ("exists", (ABSENT,), False),
        ("is_absent", (ABSENT,), True),
        ("is_error", (call("divide", 1, "a"),), True),
        ("is_error", (1,), False),
        ("if_error", (call("divide", 1, 0), "no"), "no"),
    ],
)
def test_logic(db: firestore.Client, name: str, arguments: tuple[object, ...], wanted: object) -> None:
    """Null and absent are unknown; an error decides nothing that the other arguments decide."""
    assert same(evaluate(db, call(name, *arguments)), wanted)


@pytest.mark.source(f"{DOCS}/arithmetic-functions")
@pytest.mark.parametrize(
    ("name", "arguments", "wanted"),
    [
        ("add", (20, 3), 23),
        ("add", (10.0, 1), 11.0),
        ("add", (1, None), None),
        ("add", (1, ABSENT), None),
        ("add", (1, NAN), NAN),
        ("subtract", (1, 2), -1),
        ("multiply", (2, 2.5), 5.0),
        ("divide", (-7, 2), -3),
        ("divide", (7, 2.0), 3.5),
        ("divide", (1.0, 0.0), math.inf),
        ("divide", (-1.0, 0), -math.inf),
        ("mod", (-7, 3), -1),
        ("mod", (4.2, 2), math.fmod(4.2, 2)),
        ("abs", (-10,), 10),
        ("ceil", (4.2,), 5.0),
        ("ceil", (-0.5,), -0.0),
        ("floor", (-4.2,), -5.0),
        ("round", (4.5,), 5.0),
        ("round", (-1.5,), -2.0),
        ("round", (2.675, 2), 2.68),
        ("round", (1250, -2), 1300),
        ("trunc", (4.79, 1), 4.7),
        ("trunc", (-4.7,), -4.0),
        ("pow", (2, 10), 1024.0),
        ("sqrt", (4,), 2.0),
        ("exp", (0,), 1.0),
        ("ln", (1,), 0.0),
        ("log", (8, 2), 3.0),
        ("log10", (1000,), 3.0),
        ("sum", ([1, "a", None, 2.5],), 3.5),
        ("add", (BSONInt32(2), 3), 5),
    ],
)
def test_arithmetic(db: firestore.Client, name: str, arguments: tuple[object, ...], wanted: object) -> None:
    """Integers stay integers, null makes null, NaN makes NaN, halves round away from zero."""
    assert same(evaluate(db, call(name, *arguments)), wanted)


@pytest.mark.source(f"{DOCS}/arithmetic-functions")
@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("add", (BIG, 1), "overflow"),
        ("abs", (-(2**63),), "overflow"),
        ("multiply", (BIG, BIG), "overflow"),
        ("divide", (1, 0), "divide by zero"),
        ("mod", (1, 0), "divide by zero"),
        ("add", (1, "1"), "requires a number"),
        ("ln", (0,), "not defined"),
        ("sqrt", (-1,), "not defined"),
        ("exp", (1000,), "overflows"),
        ("add", (BSONDecimal128("1.5"), 1), "decimal128"),
    ],
)
def test_arithmetic_errors(
    db: firestore.Client, name: str, arguments: tuple[object, ...], message: str
) -> None:
    """Overflow, a zero divisor and what is no number end the pipeline."""
    with pytest.raises(exceptions.InvalidArgument, match=message):
        evaluate(db, call(name, *arguments))


@pytest.mark.source(f"{DOCS}/string-functions")
@pytest.mark.parametrize(
    ("name", "arguments", "wanted"),
    [
        ("char_length", ("é😀",), 2),
        ("byte_length", ("é😀",), 6),
        ("length", (b"abc",), 3),
        ("length", ({"a": 1},), 1),
        ("length", (Vector([1.0, 2.0]),), 2),
        ("concat", ("a", "b", "c"), "abc"),
        ("concat", ([1], [2, 3]), [1, 2, 3]),
        ("concat", ("a", None), None),
        ("string_concat", ("a", "b"), "ab"),
        ("starts_with", ("abc", "ab"), True),
        ("ends_with", ("abc", "ab"), False),
        ("string_contains", ("abc", "b"), True),
        ("like", ("a.c", "a.%"), True),
        ("like", ("abc", "a.%"), False),
        ("like", ("a\nb", "a_b"), True),
        ("like", ("100%", r"100\%"), True),
        ("substring", ("hitch", 1, 3), "itc"),
        ("substring", ("hitch", -2), "ch"),
        ("substring", (b"hitch", 3), b"ch"),
        ("to_upper", ("é",), "É"),
        ("trim", ("  a ",), "a"),
        ("trim", ("xax", "x"), "a"),
        ("ltrim", (b"foobar", b"fo"), b"bar"),
        ("rtrim", ("a  ",), "a"),
        ("string_reverse", ("añb",), "bña"),
        ("reverse", ([1, 2],), [2, 1]),
        ("split", ("a,b,", ","), ["a", "b", ""]),
        ("split", ("ab", ""), ["a", "b"]),
        ("join", (["a", None, "b"], "-"), "a-b"),
        ("join", (["a", None], "-", "?"), "a-?"),
        ("string_repeat", ("ab", 3), "ababab"),
        ("string_replace_all", ("aXbX", "X", "-"), "a-b-"),
        ("string_replace_one", (b"aXbX", b"X", b"-"), b"a-bX"),
        ("string_index_of", ("abc", "c"), 2),
        ("string_index_of", ("abc", "d"), -1),
        ("to_lower", (None,), None),
    ],
)
def test_strings(db: firestore.Client, name: str, arguments: tuple[object, ...], wanted: object) -> None:
    """Strings count characters and bytes count bytes; negative positions count from the end."""
    assert same(evaluate(db, call(name, *arguments)), wanted)


@pytest.mark.source("https://github.com/google/re2/wiki/Syntax")
@pytest.mark.parametrize(
    ("name", "text", "pattern", "wanted"),
    [
        ("regex_contains", "The Lord", "lord", False),
        ("regex_contains", "The Lord", "(?i)lord", True),
        ("regex_match", "The LORD of", ".*(?i)lord.*", True),
        ("regex_match", "LORD", "lord(?i)|x", False),
        ("regex_match", "aB", "a(?i)b|c", True),
        ("regex_match", "C", "a(?i)b|c", True),
        ("regex_match", "A1", "[[:alpha:]][[:digit:]]", True),
        ("regex_match", "a+b", r"\Qa+b\E", True),
        ("regex_match", "2026", r"(?P<year>\d+)\z", True),
        ("regex_find", "The Guide", r"\b[A-Z][a-z]{4}\b", "Guide"),
        ("regex_find", "abc", "x", None),
        ("regex_find_all", "a1b22", r"\d+", ["1", "22"]),
    ],
)
def test_regular_expressions(
    db: firestore.Client, name: str, text: str, pattern: str, wanted: object
) -> None:
    """Patterns are RE2's, with flags anywhere and POSIX classes."""
    assert same(evaluate(db, call(name, text, pattern)), wanted)


@pytest.mark.source("https://github.com/google/re2/wiki/Syntax")
@pytest.mark.parametrize("pattern", [r"(a)\1", "(?=a)", "(?<!a)b", "a++", "(", "(?#x)"])
def test_patterns_that_re2_does_not_have(db: firestore.Client, pattern: str) -> None:
    """Back references, looking around, possessive repetition and broken patterns are errors."""
    with pytest.raises(exceptions.InvalidArgument, match="Invalid regular expression"):
        evaluate(db, call("regex_contains", "a", pattern))


@pytest.mark.source(f"{DOCS}/array-functions")
@pytest.mark.parametrize(
    ("name", "arguments", "wanted"),
    [
        ("array", (1, ABSENT), [1, None]),
        ("array_get", ([1, 2, 3], -1), 3),
        ("array_get", ([1], 5), "absent"),
        ("offset", ("text", 0), "absent"),
        ("array_length", ([1, [2]],), 2),
        ("array_length", (None,), None),
        ("array_concat", ([1], [2], []), [1, 2]),
        ("array_contains", ([1, 2.0], 2), True),
        ("array_contains", ([None], None), True),
        ("array_contains", ("text", "t"), None),
        ("array_contains_all", ([1, 2, 3], [3, 1]), True),
        ("array_contains_any", ([1], [2, 3]), False),
        ("array_first", ([7, 8],), 7),
        ("array_last", ([7, 8],), 8),
        ("array_last", ([],), "absent"),
        ("array_first_n", ([7, 8, 9], 2), [7, 8]),
        ("array_last_n", ([7, 8, 9], 2), [8, 9]),
        ("array_last_n", ([7], 0), []),
        ("array_slice", ([1, 2, 3, 4], 1, 2), [2, 3]),
        ("array_slice", ([1, 2, 3, 4], -2), [3, 4]),
        ("array_index_of", (["a", "b", "a"], "a", "last"), 2),
        ("array_index_of", (["a"], "b", "first"), -1),
        ("array_index_of_all", (["a", "b", "a"], "a"), [0, 2]),
        ("maximum_n", ([1, 3, None, 2], 2), [3, 2]),
        ("minimum_n", ([1, 3, None, 2], 2), [1, 2]),
        ("array_filter", ([1, 5, 9], "e", call("greater_than", Variable("e"), 4)), [5, 9]),
        ("array_transform", ([4, 5], "e", "i", call("multiply", Variable("e"), Variable("i"))), [0, 5]),
    ],
)
def test_arrays(db: firestore.Client, name: str, arguments: tuple[object, ...], wanted: object) -> None:
    """Elements are found by Firestore's equality; positions may count from the end."""
    assert same(evaluate(db, call(name, *arguments)), wanted)


@pytest.mark.source(f"{DOCS}/map-functions")
@pytest.mark.parametrize(
    ("name", "arguments", "wanted"),
    [
        ("map_get", ({"a": 1}, "a"), 1),
        ("map_get", ({"a": 1}, "b"), "absent"),
        ("map_get", (None, "b"), "absent"),
        ("map_set", ({"a": 1}, "b", None), {"a": 1, "b": None}),
        ("map_remove", ({"a": 1, "b": 2}, "a"), {"b": 2}),
        ("map_merge", ({"a": 1, "b": 1}, {"b": 2}), {"a": 1, "b": 2}),
        ("map_keys", ({"b": 1, "a": 2},), ["a", "b"]),
        ("map_values", ({"b": 1, "a": 2},), [2, 1]),
        ("map_entries", ({"a": 2},), [{"k": "a", "v": 2}]),
        ("map", ("a", 1, "b", ABSENT), {"a": 1}),
    ],
)
def test_maps(db: firestore.Client, name: str, arguments: tuple[object, ...], wanted: object) -> None:
    """Maps are read, changed and taken apart without touching the original."""
    assert same(evaluate(db, call(name, *arguments)), wanted)
