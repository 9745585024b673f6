"""A question to a plan, by rules: values of cells and names of columns found in it, and an operation.

Only a question all of whose words of meaning are accounted for gets a plan: a word that was not understood
may change everything ("the second highest"), and a wrong number is worse than a quotation.
"""

import re
from collections.abc import Sequence

from shared.answers.language import plain, stem
from shared.answers.tables.cells import dates, numeric, words, year
from shared.answers.tables.plan import Condition, Plan, execute
from shared.answers.tables.reading import Table
from shared.answers.tables.recognition import COMPARED, SINCE, Reading, form, labels, read, unexplained

_HOW_MANY = re.compile(
    r"\b(?:how many|number of|count of|how often|wie ?viele|anzahl|combien de|cu\u00e1ntos|cu\u00e1ntas)\b",
    re.IGNORECASE,
)
_SUM = re.compile(
    r"\b(?:total|sum|combined|altogether|in all|together|overall|summe|insgesamt|gesamt\w*)\b", re.IGNORECASE
)
_AVERAGE = re.compile(r"\b(?:average|mean|durchschnitt\w*|moyenne|promedio)\b", re.IGNORECASE)
_DIFFERENCE = re.compile(
    r"\b(?:difference|how (?:much|many) (?:more|less|fewer|higher|lower|larger)|unterschied)\b", re.IGNORECASE
)
_MOST = re.compile(
    r"\b(?:most|highest|largest|greatest|biggest|longest|maximum|max|top|best|tallest|h\u00f6chste\w*|gr\u00f6\u00dfte\w*|meisten)\b",
    re.IGNORECASE,
)
_LEAST = re.compile(
    r"\b(?:least|fewest|lowest|smallest|shortest|minimum|min|niedrigste\w*|kleinste\w*|wenigsten)\b",
    re.IGNORECASE,
)
_LATEST = re.compile(r"\b(?:latest|last|most recent|newest|final)\b", re.IGNORECASE)
_EARLIEST = re.compile(r"\b(?:earliest|first|oldest)\b", re.IGNORECASE)
_BEFORE = re.compile(
    r"\b(?:before|above|previous(?: to)?|preceding)\b",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"\b(?:after|below|next (?:to|after)|following|follows)\b",
    re.IGNORECASE,
)
_THE_VALUE = re.compile(
    r"\b(?:what (?:is|was|were|are|'s) the|how (?:many|much|high|long|large)|was ist|wie hoch)\b",
    re.IGNORECASE,
)
_ORDERING = re.compile(
    r"\b(?:or|next|previous|more|less|larger|higher|lower|smaller|longer|shorter|earlier|later|older|younger|fewer|within)\b",
    re.IGNORECASE,
)
_UNUSABLE = re.compile(
    r"\b(?:consecutive|consecutively|in a row|streak|second|third|fourth|2nd|3rd|half|ratio|percentage of|"
    r"percent of|other than|besides|except|not|never|didn't|same|both|neither|without|between|apart|ago|"
    r"until|per|each|every|if|exactly|from|to be|times (?:more|as)|true|false)\b",
    re.IGNORECASE,
)
_SPAN = re.compile(r"\bhow many (?:years|days|months|hours|rounds|consecutive)\b", re.IGNORECASE)
_ONLY = re.compile(r"\b(?:only|sole|einzige\w*|seul|\u00fanico)\b", re.IGNORECASE)
_DISTINCT = re.compile(r"\b(?:different|distinct|unique|represented)\b", re.IGNORECASE)
_COUNTED = frozenset(stem(word) for word in ("people", "persons", "units", "pieces", "items", "medals"))
"""Words for what a column of numbers counts; they account for nothing where rows are counted."""
_LISTED = re.compile(r"\b(?:listed|on (?:this|the) (?:chart|table|list))\b", re.IGNORECASE)
_OPENING = re.compile(r"^(?:and )?(how long|how old|how tall|how heavy|how far|what time|who|when|where)\b")
_KINDS = {
    "how long": ("time", "duration", "length"),
    "how old": ("age",),
    "how tall": ("height",),
    "how heavy": ("weight",),
    "how far": ("distance",),
    "what time": ("time",),
    "who": (
        "name",
        "player",
        "driver",
        "person",
        "officer",
        "president",
        "athlete",
        "owner",
        "rider",
        "jockey",
        "winner",
        "customer",
        "employee",
    ),
    "when": ("date", "year", "due", "season", "day"),
    "where": ("location", "venue", "place", "city", "site", "town"),
}


def plan_for(question: str, tables: Sequence[Table]) -> Plan | None:
    """The plan that answers the question from one of the tables, or None when the rules do not understand it.

    When two tables could, the one with more of the question's words among its cells and headers is taken;
    a tie is not understood.
    """
    found: list[tuple[int, Plan]] = []
    for number, table in enumerate(tables):
        reading = read(question, table)
        plan = _planned(reading)
        if plan is not None and _accounted(reading, plan) and _single(reading, plan):
            found.append(
                (len(reading.values) * 2 + len(reading.columns), plan.model_copy(update={"table": number}))
            )
    found.sort(key=lambda item: -item[0])
    if not found or (len(found) > 1 and found[0][0] == found[1][0]):
        return None
    return found[0][1]


def _accounted(reading: Reading, plan: Plan) -> bool:
    """Whether nothing of the question is left over. That no row is counted is more likely a misreading."""
    counting = plan.operation in ("count", "count_distinct")
    if counting and plan.where:
        result = execute(plan.model_copy(update={"table": 0}), [reading.table])
        if result is None or not result.rows:
            return False
    numbers = plan.column if plan.order_by is None else plan.order_by
    amounts = not counting and numeric(reading.table.column(numbers))
    return all(amounts and word in _COUNTED for word in unexplained(reading))


def _single(reading: Reading, plan: Plan) -> bool:
    """Whether a question for "the only" one gets one."""
    if not _ONLY.search(reading.question):
        return True
    result = execute(plan.model_copy(update={"table": 0}), [reading.table])
    return plan.operation == "list" and result is not None and len(result.values) == 1


def computing(question: str) -> bool:
    """Whether a question asks for something to be counted, added up or compared."""
    return any(one.search(question) for one in (_HOW_MANY, _SUM, _AVERAGE, _DIFFERENCE, _MOST, _LEAST))


def _planned(reading: Reading) -> Plan | None:
    """The operation that the question asks for over what was recognised."""
    question = question_of(reading)
    usable = re.sub(r"\b(?:at least|no (?:more|less) than|from \w+)\b", "", question)
    usable = re.sub(r"\bbetween\b", "", usable) if _DIFFERENCE.search(usable) else usable
    if _UNUSABLE.search(usable):
        return None
    where = [Condition(column=column, **{"is": how}, value=value) for column, how, value, _ in reading.values]
    keys = {column for column, *_ in reading.values}
    asked = [column for column in reading.named() if column not in keys]
    numbers = [
        column for column in asked if numeric(reading.table.column(column)) and not labels(reading, column)
    ]
    for rule in (_neighbour, _difference, _choice, _average, _superlative, _counted, _summed, _looked_up):
        plan = rule(reading, where, asked, numbers)
        if plan is not None:
            return plan
    return None


def _ordered_by(reading: Reading) -> bool:
    """Whether the question has a word of order or comparison that no rule has used."""
    left = question_of(reading)
    for pattern, _ in (*COMPARED, *SINCE):
        left = pattern.sub(" ", left)
    return any(one.search(left) for one in (_MOST, _LEAST, _LATEST, _EARLIEST, _BEFORE, _AFTER, _ORDERING))


Where = list[Condition]


def _neighbour(reading: Reading, where: Where, asked: list[int], _numbers: list[int]) -> Plan | None:
    """As in "Who came before X": the row above or below, in the order of the table."""
    found = [(-1, _BEFORE.search(reading.question)), (1, _AFTER.search(reading.question))]
    offsets = [offset for offset, match in found if match]
    keys = [one for one in where if one.is_ in ("=", "contains")]
    if len(offsets) != 1 or len(keys) != 1 or len(where) != 1 or _HOW_MANY.search(reading.question):
        return None
    if _entity(reading, asked) not in (None, keys[0].column) or "next to" in reading.plainly:
        return None
    return Plan(where=where, column=keys[0].column, offset=offsets[0])


def _difference(reading: Reading, where: Where, _asked: list[int], numbers: list[int]) -> Plan | None:
    if not _DIFFERENCE.search(reading.question):
        return None
    keys = [one for one in where if one.is_ in ("=", "contains")]
    target = numbers or _only_number(reading)
    if len(keys) == 2 and len(where) == 2 and keys[0].column == keys[1].column and len(target) == 1:  # noqa: PLR2004 - two
        return Plan(where=where, operation="difference", column=target[0])
    return None


def _choice(reading: Reading, where: Where, _asked: list[int], numbers: list[int]) -> Plan | None:
    """As in "Which has more X, A or B"."""
    keys = [one for one in where if one.is_ in ("=", "contains")]
    if " or " not in reading.plainly or len(keys) != 2 or len(where) != 2 or keys[0].column != keys[1].column:  # noqa: PLR2004 - two
        return None
    more = re.search(
        r"\b(?:more|higher|larger|most|greater|longer|later|highest)\b", reading.question, re.IGNORECASE
    )
    less = re.search(
        r"\b(?:less|fewer|lower|smaller|least|shorter|earlier|first)\b", reading.question, re.IGNORECASE
    )
    if len(numbers) != 1 or bool(more) == bool(less):
        return None
    reading.known |= {stem(match.group()) for match in (more, less) if match}
    return Plan(where=where, column=keys[0].column, order_by=numbers[0], descending=bool(more), limit=1)


def _average(reading: Reading, where: Where, _asked: list[int], numbers: list[int]) -> Plan | None:
    if not _AVERAGE.search(reading.question):
        return None
    return Plan(where=where, operation="average", column=numbers[0]) if len(numbers) == 1 else None


def _superlative(reading: Reading, where: Where, asked: list[int], numbers: list[int]) -> Plan | None:
    """As in "which X has the most Y", "what is the highest Y", "the last X"."""
    question = re.sub(
        r"\b(?:at most|at least|most of|no less|first name|last name)\b", "", question_of(reading)
    )
    most, least = _MOST.search(question), _LEAST.search(question)
    late, early = _LATEST.search(question), _EARLIEST.search(question)
    if bool(most) + bool(least) + bool(late) + bool(early) != 1:
        return None
    entity = _entity(reading, asked)
    if late or early:
        return _at_the_end(reading, where, entity, late=bool(late))
    if not numbers:
        return _most_frequent(reading, where, asked, entity) if most else None
    others = [one for one in numbers if one != entity]
    if len(others) > 1:
        return None
    by = others[0] if others else numbers[0]
    if entity is not None and entity != by:
        return Plan(where=where, column=entity, order_by=by, descending=bool(most), limit=1)
    value = Plan(where=where, operation="maximum" if most else "minimum", column=by)
    return value if _THE_VALUE.search(question) else None


def _most_frequent(reading: Reading, where: Where, asked: list[int], entity: int | None) -> Plan | None:
    """As in "which team has the most rows": a column's cells, counted."""
    if entity is None or where or len(asked) != 1 or _HOW_MANY.search(reading.question):
        return None
    cells = reading.table.column(entity)
    repeated = len({words(cell) for cell in cells}) < len(cells)
    return Plan(operation="most_frequent", column=entity) if repeated else None


def question_of(reading: Reading) -> str:
    """Without values and long names of columns: "First Bank" is no "first", "per inch" no "per"."""
    text = reading.plainly
    for _, how, value, _span in reading.values:
        if how in ("=", "contains"):
            text = text.replace(words(value), " ")
    for column in reading.named():
        name = words(re.sub(r"\(.*?\)|\[.*?\]", "", reading.table.header[column]))
        if len(name.split()) > 1:
            text = text.replace(name, f" {name.split()[0]} ")
    return text


def _at_the_end(reading: Reading, where: Where, entity: int | None, *, late: bool) -> Plan | None:
    """The first or last row: by date where there is one, else as the table stands."""
    if entity is None:
        return None
    table = reading.table
    dated = [
        index
        for index in range(len(table.header))
        if sum(bool(dates(cell)) or year(cell) is not None for cell in table.column(index))
        > len(table.rows) * 0.8
    ]
    if not dated and not late and _LISTED.search(reading.question):
        return Plan(where=where, column=entity, limit=1)
    if len(dated) != 1:
        return None
    return Plan(where=where, column=entity, order_by=dated[0], descending=late, limit=1)


def _counted(reading: Reading, where: Where, asked: list[int], numbers: list[int]) -> Plan | None:
    """As in "How many rows", "how many X are there", or the one cell that already says how many."""
    if not _HOW_MANY.search(reading.question) or numbers or _ordered_by(reading):
        return None
    if _SPAN.search(reading.question) or len(asked) > 1:
        return None
    if asked:
        return _counted_by(reading, where, asked[0])
    if where or re.search(
        r"\b(?:table|listed|list|chart|rows|in total|in all)\b", reading.question, re.IGNORECASE
    ):
        return Plan(where=where, operation="count")
    return None


def _counted_by(reading: Reading, where: Where, column: int) -> Plan | None:
    """Rows that a column names, or its different cells when the question says so."""
    distinct = bool(_DISTINCT.search(reading.question))
    reading.known |= {stem(word) for word in ("different", "distinct", "unique", "represented")}
    counted = execute(Plan(where=where, column=column, operation="count"), [reading.table])
    cells = [row.cells[column] for row in counted.rows] if counted else []
    repeated = len({words(cell) for cell in cells}) < len(cells)
    if (repeated and not distinct) or reading.table.header[column][-1:].isdecimal():
        return None
    return Plan(where=where, operation="count_distinct" if distinct else "count", column=column)


def _summed(reading: Reading, where: Where, asked: list[int], numbers: list[int]) -> Plan | None:
    """A sum, or the one cell that holds the total already."""
    if len(numbers) != 1 or len(asked) > 1 or _ordered_by(reading):
        return None
    keys = [one for one in where if one.is_ in ("=", "contains")]
    if _SUM.search(reading.question):
        return Plan(where=where, operation="sum", column=numbers[0])
    if _HOW_MANY.search(reading.question) and keys:
        several = len({one.column for one in keys}) < len(keys)
        return None if several else Plan(where=where, operation="sum", column=numbers[0])
    return None


def _looked_up(reading: Reading, where: Where, asked: list[int], _numbers: list[int]) -> Plan | None:
    """The cells of a column in the rows that a key names."""
    if (
        not where
        or _HOW_MANY.search(reading.question)
        or _SUM.search(reading.question)
        or _ordered_by(reading)
    ):
        return None
    target = asked[0] if len(asked) == 1 else _entity(reading, asked)
    if target is None or target in {one.column for one in where}:
        return None
    return Plan(where=where, column=target)


def _entity(reading: Reading, asked: list[int]) -> int | None:
    """The column that names what is asked for: after "which" or "what", or by who, when, where."""
    table = reading.table
    found = re.search(r"\b(?:which|what|welche[rs]?)\s+((?:\w+\s+){0,3}\w+)", reading.question, re.IGNORECASE)
    if found:
        first = [stem(word) for word in found[1].split()]
        named = {
            index: [stem(word) for word in re.findall(r"[^\W\d_]+", plain(table.header[index]))]
            for index in asked
        }
        for same in (str.__eq__, form):
            for index, names in named.items():
                if any(same(name, word) for name in names for word in first[:2]):
                    return index
    started = _OPENING.match(reading.plainly.strip())
    opening = (
        started[1] if started else next((word for word in reading.plainly.split() if word in _KINDS), "")
    )
    if opening:
        reading.known |= {stem(word) for word in opening.split()}
        kinds = [stem(kind) for kind in _KINDS[opening]]
        options = [
            index
            for index, name in enumerate(table.header)
            if any(stem(word) in kinds for word in re.findall(r"[^\W\d_]+", plain(name)))
        ]
        return options[0] if len(options) == 1 else None
    return None


def _only_number(reading: Reading) -> list[int]:
    """The only column of quantities there is."""
    found = [
        index
        for index in range(len(reading.table.header))
        if numeric(reading.table.column(index)) and not labels(reading, index)
    ]
    return found if len(found) == 1 else []
