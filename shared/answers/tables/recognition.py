"""What of a question a table explains: names of its columns, values of its cells, numbers, months."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from shared.answers.language import MONTHS, NUMBER_WORDS, OF_TABLES, akin, content, plain, stem
from shared.answers.tables.cells import dates, numeric, words, year
from shared.answers.tables.reading import Table

COMPARED = (
    (
        re.compile(
            r"\b(?:more than|over|above|greater than|higher than|exceed(?:s|ed)?|longer than|larger than)\s+"
            r"[$\u20ac\u00a3]?([\d.,]+|\w+)",
            re.IGNORECASE,
        ),
        ">",
    ),
    (
        re.compile(
            r"\b(?:less than|under|below|fewer than|lower than|smaller than)\s+[$\u20ac\u00a3]?([\d.,]+|\w+)",
            re.IGNORECASE,
        ),
        "<",
    ),
    (
        re.compile(r"\b(?:at least|no less than|minimum of)\s+[$\u20ac\u00a3]?([\d.,]+|\w+)", re.IGNORECASE),
        ">=",
    ),
    (re.compile(r"[$\u20ac\u00a3]?\b([\d.,]+|\w+) or (?:more|higher|greater|above)\b", re.IGNORECASE), ">="),
    (re.compile(r"\b(?:at most|no more than|up to)\s+[$\u20ac\u00a3]?([\d.,]+|\w+)", re.IGNORECASE), "<="),
    (re.compile(r"[$\u20ac\u00a3]?\b([\d.,]+|\w+) or (?:less|fewer|lower|below)\b", re.IGNORECASE), "<="),
)
SINCE = (
    (re.compile(r"\b(?:after|since|later than)\s+(\d{4})\b", re.IGNORECASE), ">"),
    (re.compile(r"\b(?:before|prior to|earlier than)\s+(\d{4})\b", re.IGNORECASE), "<"),
)
_NAMING = frozenset(stem(word) for word in ("name", "title"))
_SAID = frozenset(stem(word) for word in OF_TABLES) | OF_TABLES


@dataclass
class Reading:
    """A question against a table: what was recognised, and which stems that accounts for."""

    question: str
    table: Table
    plainly: str = ""
    values: list[tuple[int, str, str, tuple[int, int]]] = field(default_factory=list)
    """(column, comparison, value, span in `plainly`)."""
    columns: list[tuple[int, int]] = field(default_factory=list)
    """(column, where it is named), in order of appearance."""
    known: set[str] = field(default_factory=set)

    def named(self) -> list[int]:
        """The columns named, as they appear."""
        return [column for column, _ in sorted(self.columns, key=lambda item: item[1])]


def read(question: str, table: Table) -> Reading:
    """Look for the table's columns and cells in the question. An opening that names the table is left out."""
    title = re.match(r"^\s*in the table\s+[\"\u201c].*?[\"\u201d]\s*[:,]\s*", question, re.IGNORECASE)
    asked = question[title.end() :] if title else question
    reading = Reading(asked, table, words(asked))
    reading.known |= {stem(word) for word in content(table.title)}
    _columns(reading)
    _cells(reading)
    _numbers(reading)
    return reading


def _columns(reading: Reading) -> None:
    """Columns whose name the question has: all its words of meaning, or its first one."""
    asked = [(stem(word), at) for at, word in enumerate(reading.plainly.split())]
    for index, name in enumerate(reading.table.header):
        wanted = [
            stem(word) for word in re.findall(r"[^\W\d_]{2,}", re.sub(r"\(.*?\)|\[.*?\]", "", plain(name)))
        ]
        wanted = [word for word in wanted if word not in ("of", "the", "in", "no", "at")] or []
        if len(wanted) > 1:  # "School name" and "Name of school" are what "which school" asks for
            wanted = [word for word in wanted if word not in _NAMING]
        places = [next((at for other, at in asked if form(word, other)), None) for word in wanted]
        if wanted and all(place is not None for place in places):
            reading.columns.append((index, min(place for place in places if place is not None)))
            reading.known.update(wanted)
    best: dict[int, tuple[bool, int, int]] = {}
    for index, at in reading.columns:
        name = plain(reading.table.header[index])
        exact = any(stem(word) == asked[at][0] for word in re.findall(r"[^\W\d_]{2,}", name))
        best[at] = max(best.get(at, (False, 0, 0)), (exact, len(name), -index))
    reading.columns = [(index, at) for index, at in reading.columns if -best[at][2] == index]


def form(one: str, other: str) -> bool:
    """Whether two stems are forms of one word."""
    return one == other or (min(len(one), len(other)) >= 4 and akin(one, other))  # noqa: PLR2004 - short words differ


def _cells(reading: Reading) -> None:
    """The longest cells, or parts of cells, that stand in the question; several columns may have them."""
    found: list[tuple[int, int, int, str, str]] = []
    for index in range(len(reading.table.header)):
        for cell in dict.fromkeys(reading.table.column(index)):
            for how, text in _spellings(cell):
                at = reading.plainly.find(words(text))
                if at >= 0 and words(text).strip():
                    found.append((at, at + len(words(text)) - 1, index, how, text))
    found.sort(key=lambda one: (one[0] - one[1], one[3] != "="))
    taken: list[tuple[int, int]] = []
    chosen: dict[tuple[int, int], list[tuple[int, str, str]]] = {}
    for start, end, index, how, text in found:
        span = (start, end)
        if any(span != other and start < other[1] and other[0] < end for other in taken):
            continue
        taken.append(span)
        chosen.setdefault(span, []).append((index, how, text))
    for span, options in chosen.items():
        equal = [one for one in options if one[1] == "="] or options
        named = [one for one in equal if one[0] in reading.named()]
        columns = {one[0] for one in (named or equal)}
        if len(columns) == 1:
            index, how, text = (named or equal)[0]
            reading.values.append((index, how, text, span))
            reading.known.update(stem(word) for word in words(text).split())


def _spellings(cell: str) -> Iterator[tuple[str, str]]:
    """A cell whole, without brackets and quotes, and its parts between commas."""
    if not re.search(r"[^\W\d_]", cell) or len(cell) > 120:  # noqa: PLR2004 - prose is no key
        return
    yield "=", cell
    inner = re.sub(r"\s*\(.*?\)|[\"\u201c\u201d]", "", cell).strip()
    if inner and inner != cell:
        yield "contains", inner
    for part in re.split(r"[,;/()\u2013]| - ", cell):
        if len(part.strip()) > 3 and part.strip() not in (cell, inner):  # noqa: PLR2004 - too short to mean it
            yield "contains", part.strip()


def _numbers(reading: Reading) -> None:
    """Years, months and plain numbers of the question as conditions on the column that they can mean."""
    question, table = reading.question, reading.table
    spans = [(start, end) for *_, (start, end) in reading.values]
    for pattern, comparison in (*COMPARED, *SINCE):
        for match in pattern.finditer(question):
            value = (
                str(int(NUMBER_WORDS[plain(match[1])]))
                if plain(match[1]) in NUMBER_WORDS
                else match[1].rstrip(".,")
            )
            column = _meant(reading, value) if value[:1].isdecimal() else None
            if column is not None:
                reading.values.append((column, comparison, value, (0, 0)))
                reading.known.update(content(match.group()))
                reading.known.add(value)
    for match in re.finditer(r"(?<![\w.,-])(\d[\d.,]*)(?:st|nd|rd|th)?(?![\w-])", question):
        value = match[1].rstrip(".,")
        at = reading.plainly.find(f" {plain(match.group().rstrip('.,'))} ")
        if value in reading.known or any(start <= at < end for start, end in spans):
            reading.known.add(value)
            continue
        column = _meant(reading, value)
        if column is not None:
            cells = table.column(column)
            dated = (
                value.isdecimal()
                and len(value) == len("2025")
                and sum(
                    bool(dates(cell)) or (year(cell) is not None and not cell.strip().isdecimal())
                    for cell in cells
                )
                > len(cells) / 2
            )
            reading.values.append((column, "year" if dated else "=", value, (at, at + len(value))))
            reading.known.add(value)
    for word in reading.plainly.split():
        if (word in MONTHS and word != "may") or (word == "may" and " in may " in reading.plainly):
            column = next(
                (
                    index
                    for index in range(len(table.header))
                    if sum(bool(dates(cell)) for cell in table.column(index)) > len(table.rows) / 2
                ),
                None,
            )
            if column is not None and not any(word in words(value[2]) for value in reading.values):
                reading.values.append((column, "month", str(MONTHS[word]), (0, 0)))
                reading.known.add(stem(word))


def _meant(reading: Reading, value: str) -> int | None:
    """The column a number of the question is about: named beside it, of years, or the only one."""
    table = reading.table
    tokens = reading.plainly.split()
    at = next((place for place, token in enumerate(tokens) if token.startswith(value)), -1)
    if at >= 0:
        for index, place in reading.columns:
            length = len([word for word in plain(table.header[index]).split() if word])
            if place in (at + 1, at - 1, at - length) and numeric(table.column(index)):
                return index
    if value.isdecimal() and len(value) == 4 and 1500 <= int(value) <= 2100:  # noqa: PLR2004 - years
        years = [
            index
            for index in range(len(table.header))
            if sum(year(cell) is not None for cell in table.column(index)) > len(table.rows) * 0.6
        ]
        return (
            years[0]
            if len(years) == 1 or (years and not reading.named())
            else next((one for one in years if one in reading.named()), None)
        )
    named = [index for index in reading.named() if numeric(table.column(index))]
    return named[0] if len(named) == 1 else None


def labels(reading: Reading, column: int) -> bool:
    """Years and numbers of rows name rows; they are not added up."""
    if "#" in reading.table.header[column]:
        return True
    return stem(reading.table.header[column]) in (
        "year",
        "no",
        "number",
        "rank",
        "round",
        "season",
        "posit",
        "pos",
        "date",
        "id",
    )


def unexplained(reading: Reading) -> list[str]:
    """Words of meaning that nothing accounts for."""
    known = reading.known | _SAID
    figures = [
        one for one in re.findall(r"[^\W_]*\d[^\s?]*", reading.question) if not _figure_known(one, reading)
    ]
    return figures + [
        word
        for word in content(reading.question)
        if word not in known and not any(form(word, one) for one in reading.known)
    ]


def _figure_known(written: str, reading: Reading) -> bool:
    """Whether a number or code of the question was recognised, alone or within a cell's text or a name."""
    bare = written.strip(".,;:!()\"'$\u20ac\u00a3")
    alone = re.sub(r"(?<=\d)(?:st|nd|rd|th)$", "", bare)
    within = [value for _, _, value, _ in reading.values] + [
        reading.table.header[column] for column in reading.named()
    ]
    return alone in reading.known or any(words(bare) in words(value) for value in within)
