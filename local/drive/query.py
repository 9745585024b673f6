r"""The `q` of files.list: the grammar of Google's guide "Search query terms and operators".

query  := term (("and" | "or") term)*        evaluated from left to right, as the guide says
term   := "not" term | "(" query ")" | value "in" collection | field operator value | field
value  := 'text with \' and \\ escaped' | true | false
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from local.drive.errors import ApiError, invalid
from local.drive.items import seconds_of

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>'(?:\\.|[^'\\])*')|(?P<op><=|>=|!=|=|<|>)|(?P<punct>[(){}])|(?P<word>[\w.]+))"""
)
_EQUAL = frozenset({"=", "!="})
_ORDER = frozenset({"=", "!=", "<", "<=", ">", ">="})

TEXT_FIELDS = {
    "name": _EQUAL | {"contains"},
    "title": _EQUAL | {"contains"},
    "fullText": frozenset({"contains"}),
    "mimeType": _EQUAL | {"contains"},
    "visibility": _EQUAL,
    "shortcutDetails.targetId": _EQUAL,
}
TIME_FIELDS = {"modifiedTime", "viewedByMeTime", "createdTime", "sharedWithMeTime"}
FLAGS = {"trashed", "starred", "sharedWithMe"}
COLLECTIONS = {"parents", "owners", "writers", "readers"}
PROPERTIES = {"properties", "appProperties", "labels"}
VISIBILITIES = {"anyoneCanFind", "anyoneWithLink", "domainCanFind", "domainWithLink", "limited"}


class Subject(Protocol):
    """What a query asks of an item, as one person sees it."""

    def value(self, field: str) -> Any:
        """The value of a text, time or flag field."""
        ...

    def has(self, collection: str, value: str) -> bool:
        """Whether `parents`, `owners`, `writers` or `readers` holds the value."""
        ...

    def contains_words(self, words: str) -> bool:
        """Whether name, description or text hold the words."""
        ...


Condition = Callable[[Subject], bool]


@dataclass(frozen=True)
class Query:
    """A parsed query. `parent` is the one folder that every match must be in, where the query says so."""

    matches: Condition
    parent: str | None = None


def _bad() -> ApiError:
    return invalid("q")


def _tokens(text: str) -> list[tuple[str, str]]:
    found, position = [], 0
    text = text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _bad()
        found.append((str(match.lastgroup), str(match[str(match.lastgroup)])))
        position = match.end()
    return found


def words_of(text: str) -> list[str]:
    """The words of a name or a search, in lower case."""
    return re.findall(r"\w+", text.lower())


def starts_words(name: str, wanted: str) -> bool:
    """Drive's `name contains`: the words stand somewhere in the name; the last may be a beginning."""
    have, want = words_of(name), words_of(wanted)
    if not want:
        return wanted in name
    last = len(want) - 1
    return any(
        have[at : at + last] == want[:last] and have[at + last].startswith(want[last])
        for at in range(len(have) - last)
    )


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens, self._at = _tokens(text), 0
        self._depth = 0

    def _peek(self, ahead: int = 0) -> tuple[str, str]:
        at = self._at + ahead
        return self._tokens[at] if at < len(self._tokens) else ("", "")

    def _take(self) -> tuple[str, str]:
        token = self._peek()
        self._at += 1
        return token

    def _expect(self, kind: str, *values: str) -> str:
        found, value = self._take()
        if found != kind or (values and value not in values):
            raise _bad()
        return value

    def parse(self) -> Query:
        condition, parent = self._query()
        if self._peek()[0]:
            raise _bad()
        return Query(condition, parent)

    def _query(self) -> tuple[Condition, str | None]:
        condition, parent = self._term()
        while self._peek() in {("word", "and"), ("word", "or")}:
            joiner = self._take()[1]
            other, other_parent = self._term()
            if joiner == "and":
                condition, parent = _both(condition, other), parent or other_parent
            else:
                condition, parent = _either(condition, other), None
        return condition, parent

    def _term(self) -> tuple[Condition, str | None]:
        kind, value = self._peek()
        if (kind, value) == ("word", "not"):
            self._take()
            inner, _ = self._term()
            return (lambda subject: not inner(subject)), None
        if (kind, value) == ("punct", "("):
            self._take()
            found = self._query()
            self._expect("punct", ")")
            return found
        if kind == "text":
            return self._member()
        return self._comparison(), None

    def _member(self) -> tuple[Condition, str | None]:
        value = _unquoted(self._take()[1])
        self._expect("word", "in")
        collection = self._expect("word", *COLLECTIONS)
        parent = value if collection == "parents" else None
        return (lambda subject: subject.has(collection, value)), parent

    def _comparison(self) -> Condition:
        field = self._expect("word")
        if field in PROPERTIES:
            return self._property()
        if field in FLAGS:
            return self._flag(field)
        if self._peek()[0] not in {"op", "word"}:
            raise _bad()
        operator = self._take()[1]
        kind, raw = self._take()
        if kind != "text":
            raise _bad()
        value = _unquoted(raw)
        if field in TIME_FIELDS and operator in _ORDER:
            return _time(field, operator, value)
        if operator not in TEXT_FIELDS.get(field, frozenset()):
            raise _bad()
        if field == "visibility" and value not in VISIBILITIES:
            raise _bad()
        return _text(field, operator, value)

    def _flag(self, field: str) -> Condition:
        if self._peek()[0] != "op":
            return lambda subject: bool(subject.value(field))
        operator = self._expect("op", "=", "!=")
        wanted = (self._expect("word", "true", "false") == "true") == (operator == "=")
        return lambda subject: bool(subject.value(field)) == wanted

    def _property(self) -> Condition:
        """Custom properties: there are none here, so nothing has them."""
        self._expect("word", "has", "in")
        if self._peek() == ("punct", "{"):
            while self._take() != ("punct", "}"):
                if not self._peek()[0]:
                    raise _bad()
        else:
            self._expect("text")
        return lambda _: False


def _both(one: Condition, other: Condition) -> Condition:
    return lambda subject: one(subject) and other(subject)


def _either(one: Condition, other: Condition) -> Condition:
    return lambda subject: one(subject) or other(subject)


def _unquoted(raw: str) -> str:
    return re.sub(r"\\(.)", r"\1", raw[1:-1], flags=re.DOTALL)


def _text(field: str, operator: str, value: str) -> Condition:
    if field == "fullText":
        return lambda subject: subject.contains_words(value)
    if operator == "contains":
        if field == "mimeType":
            return lambda subject: value in str(subject.value(field))
        return lambda subject: starts_words(str(subject.value("name")), value)
    equal = operator == "="
    if field in {"name", "title"}:
        folded = value.lower()
        return lambda subject: (str(subject.value("name")).lower() == folded) == equal
    return lambda subject: (subject.value(field) == value) == equal


def _time(field: str, operator: str, value: str) -> Condition:
    try:
        wanted = seconds_of(value)
    except ValueError:
        raise _bad() from None
    compare: dict[str, Callable[[float], bool]] = {
        "=": lambda seconds: seconds == wanted,
        "!=": lambda seconds: seconds != wanted,
        "<": lambda seconds: seconds < wanted,
        "<=": lambda seconds: seconds <= wanted,
        ">": lambda seconds: seconds > wanted,
        ">=": lambda seconds: seconds >= wanted,
    }
    test = compare[operator]

    def condition(subject: Subject) -> bool:
        text = subject.value(field)
        return bool(text) and test(seconds_of(str(text)))

    return condition


def parse_query(text: str) -> Query:
    """The query, or one that everything matches when the text is empty. Raises ApiError (400)."""
    if not text.strip():
        return Query(lambda _: True)
    return _Parser(text).parse()
